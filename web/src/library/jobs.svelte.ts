import { api } from "../shared/api";
import type { Job, Progress } from "../shared/values";

const RUNNING = new Set(["running", "pausing", "cancelling"]);

/** The jobs of a collection, followed while the page is open. */
export class Jobs {
  all = $state<Job[]>([]);
  progress = $state<Record<number, Progress>>({});
  /** The documents that each job is at work on, with the stage that each has reached. */
  working = $state<Record<number, [item: string, stage: string][]>>({});
  #stages: Record<number, Map<string, string>> = {};
  #following = new Set<number>();
  #controller = new AbortController();

  constructor(
    readonly collection: string,
    readonly changed: () => void,
  ) {}

  async load(): Promise<void> {
    const before = new Map(this.all.map((job) => [job.id, job.state]));
    const found = await api.jobs(this.collection).catch(() => this.all);
    this.all = found;
    for (const job of found) {
      if (!isOver(job)) void this.follow(job.id);
      else if (before.get(job.id) !== job.state) this.changed(); // it ended before anybody could follow it
    }
  }

  /** Follow a job's events to its end; what breaks off is taken up where it was. */
  async follow(id: number): Promise<void> {
    if (this.#following.has(id)) return;
    this.#following.add(id);
    let last = "";
    while (!this.#controller.signal.aborted) {
      try {
        for await (const event of api.jobEvents(id, last, this.#controller.signal)) {
          last = event.id || last;
          if (event.progress) this.#told(id, event.progress);
          if (event.job) this.#take(event.job);
        }
      } catch {
        if (this.#controller.signal.aborted) return;
      }
      const job = await api.job(id).catch(() => null);
      if (job) this.#take(job);
      if (job && isOver(job)) break;
      await new Promise((done) => setTimeout(done, 1000));
    }
    this.#following.delete(id);
    this.changed();
  }

  #told(id: number, told: Progress): void {
    const before = this.progress[id]?.done ?? 0;
    this.progress[id] = told;
    const stages = (this.#stages[id] ??= new Map<string, string>());
    if (told.stage === "done") stages.delete(told.item);
    else if (told.item) stages.set(told.item, told.stage);
    this.working[id] = [...stages];
    if (told.done !== before) this.changed();
  }

  #take(told: Job): void {
    this.all = this.all.map((job) => (job.id === told.id ? told : job));
  }

  close(): void {
    this.#controller.abort();
  }
}

export const isOver = (job: Job): boolean => !RUNNING.has(job.state);
