import type { Answer } from "../shared/values";

/** A question, and what came of it; `answer` is whole once it has ended. */
export interface Turn {
  question: string;
  /** The day whose documents were asked; those of now where there is none. */
  asOf?: string;
  /** The picture of the question, as long as the page lives. */
  picture: File | null;
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
const CURRENT = "glede.conversation";
const MOST = 50;

function restored(): Conversation[] {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "[]") as Conversation[];
  } catch {
    return [];
  }
}

function write(all: Conversation[]): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(all.sort((one, other) => other.at - one.at).slice(0, MOST)));
  } catch {
    // The browser's room is full: the conversations live as long as the page.
  }
}

/** The conversations of this browser, newest first; pictures are not kept. Each tab shows one of its own. */
class Conversations {
  all = $state<Conversation[]>(restored());
  /** Ends the answer under way in a conversation, by its id; it goes on while other pages are looked at. */
  readonly stops = new Map<string, AbortController>();
  #current = $state<string>(sessionStorage.getItem(CURRENT) ?? "");

  constructor() {
    window.addEventListener("storage", (event) => {
      if (event.key === KEY) this.#taken();
    });
    window.addEventListener("pagehide", () => {
      for (const one of this.all) if (this.stops.has(one.id)) this.keep(one);
    });
  }

  get current(): string {
    return this.#current;
  }

  set current(id: string) {
    this.#current = id;
    sessionStorage.setItem(CURRENT, id);
  }

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
    write(restored().filter((one) => one.id !== id));
  }

  /** Keep one conversation; what other tabs have kept since stays as they have it. */
  keep(own: Conversation): void {
    const turns = own.turns.map((turn) => ({ ...$state.snapshot({ ...turn, picture: null, error: null }), running: false }));
    write([{ ...own, turns }, ...restored().filter((one) => one.id !== own.id)]);
  }

  /** Another tab has kept or forgotten something: only what is open or under way here stays as it is. */
  #taken(): void {
    const ours = this.all.filter((one) => one.id === this.current || this.stops.has(one.id));
    const others = restored().filter((one) => !ours.some((own) => own.id === one.id));
    this.all = [...ours, ...others].sort((one, other) => other.at - one.at);
  }
}

export const conversations = new Conversations();
