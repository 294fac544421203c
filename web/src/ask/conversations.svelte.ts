import type { Answer } from "../shared/values";

/** A question, and what came of it; `answer` is whole once it has ended. */
export interface Turn {
  question: string;
  /** The day whose documents were asked; those of now where there is none. */
  asOf?: string;
  picture: string | null;
  text: string;
  answer: Answer | null;
  error: unknown;
  running: boolean;
}

export interface Conversation {
  id: string;
  title: string;
  collection: string;
  at: number;
  turns: Turn[];
}

const KEY = "glede.conversations";
const MOST = 50;

function restored(): Conversation[] {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "[]") as Conversation[];
  } catch {
    return [];
  }
}

/** The conversations of this browser, newest first; pictures are not kept. */
class Conversations {
  all = $state<Conversation[]>(restored());
  current = $state<string>("");

  of(collection: string): Conversation[] {
    return this.all.filter((one) => one.collection === collection);
  }

  get(collection: string): Conversation | undefined {
    return this.all.find((one) => one.id === this.current && one.collection === collection);
  }

  begin(collection: string, title: string): Conversation {
    const made = { id: crypto.randomUUID?.() ?? String(Date.now()), title, collection, at: Date.now(), turns: [] };
    this.all = [made, ...this.all].slice(0, MOST);
    this.current = made.id;
    return this.get(collection) ?? made;
  }

  forget(id: string): void {
    this.all = this.all.filter((one) => one.id !== id);
    if (this.current === id) this.current = "";
    this.keep();
  }

  keep(): void {
    const plain = $state.snapshot(this.all) as Conversation[];
    for (const turn of plain.flatMap((one) => one.turns)) {
      turn.picture = null;
      turn.running = false;
      turn.error = null;
    }
    try {
      localStorage.setItem(KEY, JSON.stringify(plain));
    } catch {
      // The browser's room is full: the conversations live as long as the page.
    }
  }
}

export const conversations = new Conversations();
