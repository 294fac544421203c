import { eventsOf } from "./events";
import { json, picture, post, problemFrom, request } from "./http";
import { endOf } from "./said";
import type { Answer, Block, Document, Entity, Job, JobItem, NamedHere, Opened, Progress, Relation, Rows, View } from "./values";

/** How a question is asked; `kind` of "" means any, `asOf` of "" now, else a day. */
export interface Asking { mode: string; kind: string; filter: string; limit: number; asOf: string }
export interface Setting { name: string; value: string; origin: string }
export interface UsageRow { name: string; source: string | null; calls: number; prompt_tokens: number; completion_tokens: number; cost: number; unpriced_calls: number }
export interface Usages { by: string; usage: UsageRow[]; total: UsageRow; budget: string | null }
export interface Documents { documents: Document[]; next: string | null }
export interface Part { text?: string; answer?: Answer }
export interface JobEvent { id: string; progress?: Progress; job?: Job }

const of = (collection: string, ...rest: string[]): string =>
  ["/v1/collections", collection, ...rest].map((part, index) => (index ? encodeURIComponent(part) : part)).join("/");

/** "key=value, other=value" as an object. */
export function pairsOf(text: string): Record<string, string> {
  const pairs = text.split(",").map((pair) => pair.split("=").map((part) => part.trim()));
  return Object.fromEntries(pairs.filter(([name, value]) => name && value));
}

async function base64(file: File): Promise<string> {
  const url = await new Promise<string>((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result));
    reader.onerror = () => failed(reader.error ?? new Error(file.name));
    reader.readAsDataURL(file);
  });
  return url.slice(url.indexOf(",") + 1);
}

export const api = {
  async collections(): Promise<string[]> {
    const told = await json<{ collections: { name: string }[] }>("/v1/collections");
    return told.collections.map((one) => one.name);
  },

  documents(collection: string, { limit, cursor, asOf }: { limit: number; cursor?: string | null; asOf?: string }): Promise<Documents> {
    const query = new URLSearchParams({ limit: String(limit), ...(cursor ? { cursor } : {}), ...(asOf ? { as_of: endOf(asOf) } : {}) });
    return json(`${of(collection, "documents")}?${query}`);
  },
  document: (collection: string, id: string): Promise<Opened> => json(of(collection, "documents", id)),
  async blocks(collection: string, id: string): Promise<Block[]> {
    return (await json<{ blocks: Block[] }>(of(collection, "documents", id, "blocks"))).blocks;
  },
  async entities(collection: string, id: string): Promise<NamedHere[]> {
    return (await json<{ entities: NamedHere[] }>(of(collection, "documents", id, "entities"))).entities;
  },
  async cost(collection: string, id: string): Promise<UsageRow> {
    return (await json<{ usage: UsageRow }>(of(collection, "documents", id, "usage"))).usage;
  },
  rows: (collection: string, id: string, block: number, offset: number): Promise<Rows> =>
    json(`${of(collection, "documents", id, "tables", String(block))}?offset=${offset}`),
  async remove(collection: string, id: string): Promise<void> {
    await request(of(collection, "documents", id), { method: "DELETE" });
  },
  async upload(collection: string, files: File[], metadata: Record<string, string>): Promise<void> {
    const form = new FormData();
    form.append("metadata", JSON.stringify(metadata));
    for (const file of files) form.append("files", file, file.webkitRelativePath || file.name);
    const headers = { "Idempotency-Key": `${Date.now()}-${Math.random().toString(36).slice(2)}` };
    await request(of(collection, "documents"), { method: "POST", body: form, headers });
  },
  fetch: (collection: string, urls: string[], metadata: Record<string, string>): Promise<unknown> =>
    post(of(collection, "documents"), { urls, metadata }),
  disable: (collection: string, id: string): Promise<unknown> => post(of(collection, "disable"), { documents: [id] }),
  enable: (collection: string, id: string): Promise<unknown> => post(of(collection, "enable"), { documents: [id] }),
  create: (collection: string): Promise<unknown> => post("/v1/collections", { name: collection }),
  async drop(collection: string): Promise<void> {
    await request(of(collection), { method: "DELETE" });
  },

  page: (collection: string, id: string, number: number, signal: AbortSignal): Promise<string> =>
    picture(of(collection, "documents", id, "pages", String(number), "image"), signal),
  asset: (collection: string, id: string, asset: string, signal: AbortSignal): Promise<string> =>
    picture(of(collection, "documents", id, "assets", asset), signal),

  async jobs(collection: string): Promise<Job[]> {
    const told = await json<{ jobs: Job[] }>("/v1/jobs");
    return told.jobs.filter((job) => job.collection === collection);
  },
  async job(id: number): Promise<Job> {
    return (await json<{ job: Job }>(`/v1/jobs/${id}`)).job;
  },
  async failures(id: number): Promise<JobItem[]> {
    return (await json<{ items: JobItem[] }>(`/v1/jobs/${id}`)).items;
  },
  unlock: (collection: string, documents: string[], password: string): Promise<unknown> =>
    post(of(collection, "retry"), { documents, failed: true, password }),
  async *jobEvents(id: number, last: string, signal: AbortSignal): AsyncGenerator<JobEvent> {
    const headers: Record<string, string> = { Accept: "text/event-stream" };
    if (last) headers["Last-Event-ID"] = last;
    const response = await request(`/v1/jobs/${id}/events`, { headers, signal });
    for await (const { event, id: number, data } of eventsOf(response)) {
      if (event === "progress") yield { id: number, progress: JSON.parse(data) as Progress };
      else if (event === "end") yield { id: number, job: (JSON.parse(data) as { job: Job }).job };
    }
  },
  jobAction: (id: number, action: string): Promise<unknown> => post(`/v1/jobs/${id}/${action}`, {}),

  async *ask(
    collection: string, question: string, asking: Asking, history: { question: string; answer: string }[], image: File | null, signal: AbortSignal,
  ): AsyncGenerator<Part> {
    const body = {
      question, mode: asking.mode, limit: asking.limit, history, stream: true, explain: true,
      ...(asking.kind ? { types: [asking.kind] } : {}),
      ...(asking.asOf ? { as_of: endOf(asking.asOf) } : {}),
      ...(asking.filter.trim() ? { filter: pairsOf(asking.filter) } : {}),
      ...(image ? { image: await base64(image) } : {}),
    };
    const headers = { "Content-Type": "application/json", Accept: "text/event-stream" };
    const response = await request(of(collection, "ask"), { method: "POST", headers, body: JSON.stringify(body), signal });
    for await (const { event, data } of eventsOf(response)) {
      const told = JSON.parse(data) as Record<string, unknown>;
      if (event === "piece") yield { text: String(told.text) };
      else if (event === "answer") yield { answer: told as unknown as Answer };
      else if (event === "error") throw problemFrom(told);
    }
  },

  /** The entities that most documents name, and what ties them. */
  async overview(collection: string): Promise<View> {
    const { entities } = await json<{ entities: Entity[] }>(`${of(collection, "graph")}?most=5`);
    const views = await Promise.all(entities.map((entity) => api.neighbourhood(collection, entity.id)));
    return {
      entities: [...entities, ...views.flatMap((view) => view.entities)], relations: views.flatMap((view) => view.relations),
      more: views.some((view) => view.more), paths: [],
    };
  },
  /** All entities and then what ties them, page by page; stops after so many of each. */
  async *whole(collection: string, { nodes, edges, signal }: { nodes: number; edges: number; signal: AbortSignal }): AsyncGenerator<View> {
    const parts: ["entities" | "relations", number][] = [["entities", nodes], ["relations", edges]];
    for (const [part, most] of parts) {
      let left = most + 1; // whether there is one more tells whether some are left out
      let cursor: string | null = "";
      while (cursor !== null && left > 0) {
        const query = new URLSearchParams({ limit: String(Math.min(left, 2000)), cursor });
        const page: Partial<View> & { next: string | null } = await json(`${of(collection, "graph", part)}?${query}`, { signal });
        left -= page[part]?.length ?? 0;
        cursor = page.next;
        const more = left <= 0;
        if (more) page[part]?.pop();
        yield { entities: [], relations: [], paths: [], more, ...page };
      }
    }
  },
  /** A relation with the words that state it, which the whole graph leaves out. */
  async quoted(collection: string, relation: Relation): Promise<Relation> {
    const { source_id, target_id, label } = relation;
    const view = await api.neighbourhood(collection, source_id);
    return view.relations.find((one) => one.source_id === source_id && one.target_id === target_id && one.label === label) ?? relation;
  },
  neighbourhood: (collection: string, name: string): Promise<View> =>
    json(`${of(collection, "graph", "neighbourhood")}?${new URLSearchParams({ name, limit: "100" })}`),
  merge: (collection: string, name: string, other: string): Promise<unknown> => post(of(collection, "graph", "merge"), { name, others: [other] }),
  split: (collection: string, name: string, document: string): Promise<unknown> => post(of(collection, "graph", "split"), { name, documents: [document] }),
  undo: (collection: string): Promise<unknown> => post(of(collection, "graph", "undo"), {}),

  async settings(): Promise<Setting[]> {
    return (await json<{ settings: Setting[] }>("/v1/settings")).settings;
  },
  usage: (by: string): Promise<Usages> => json(`/v1/usage?${new URLSearchParams({ by })}`),
};
