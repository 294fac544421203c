/** What the server tells, as it tells it. */
export type Box = [number, number, number, number];
export type Modality = "text" | "table" | "image" | "equation";

export interface Step { entity: string; type: string; label: string; chunk_id: string }

export interface Chunk { chunk_id: string; ordinal: number; modality: Modality; text: string; heading_path: string[]; page: number | null; tokens: number }

export interface Hit {
  rank: number; score: number; chunk_id: string; document_id: string; source: string; modality: Modality;
  text: string; described: string | null; heading_path: string[]; page: number | null; box: Box | null;
  asset: string | null; ranks: Record<string, number | null>; path: Step[];
}

export interface Citation {
  marker: number; chunk_id: string; document_id: string; source: string; page: number | null; box: Box | null;
  heading_path: string[]; quote: string; verified: boolean; modality: Modality; asset: string | null;
  described: string | null; row?: number | null; column?: string | null; version_date?: string | null;
}

export interface Usage { model_calls: number; prompt_tokens: number; completion_tokens: number; embedded_texts: number }
export interface Computed { sql: string; columns?: string[]; rows: string[][]; document_id: string; source: string }

export interface Answer {
  question: string; answer: string; complete: boolean; answered: boolean; model: string; rewritten: string | null;
  citations: Citation[]; computed: Computed | null; usage: Usage; seconds: number; hits?: Hit[]; stages?: Record<string, number>;
}

export interface Unfinished { kind: string; page: number | null; code: string; message: string; retryable: boolean }

export interface Document {
  id: string; source: string; status: string; title: string; media_type: string; size: number; parser: string;
  pages: number; chunks: number; blocks: Record<string, number>; metadata: Record<string, unknown>;
  warnings: string[]; partial: string[]; unfinished: Unfinished[]; added_at: number | string;
}

export interface Block {
  type: string; text: string; page: number | null; box: Box | null; heading_path: string[]; caption: string | null;
  number: number; latex: string | null; asset: string | null; table: { rows: number; columns: number } | null; level: number | null;
}

export interface Rows { columns: { key: string; name: string; type: string; unit: string | null }[]; rows: string[][]; total: number; caption: string | null }

export interface PageSize { page: number; width: number; height: number; parser: string; reason: string; warnings: string[]; failed: string | null }
export interface Opened { document: Document; pages: PageSize[]; chunks: Chunk[] }

export interface Counts { total: number; searchable: number; unchanged: number; failed: number; removed: number }

export interface Job {
  id: number; kind: string; state: string; collection: string; resumable: boolean; sources: string[];
  started: string; ended: string | null; counts: Counts; error: Failure | null;
}

/** A source of a job that has failed, or was under way when it was stopped. */
export interface JobItem { source: string; state: string; tries: number; error: Failure | null }

/** How far a job is, told while it runs. */
export interface Progress {
  stage: string; item: string; done: number; total: number; failed: number; rate: number; eta: number | null; warnings: string[];
}

export interface Failure { code: string; message: string; hint: string }
export interface Entity { id: string; name: string; type: string; mentions: number; documents: number; sources: string[]; names: string[]; descriptions: string[] }
export interface NamedHere { id: string; name: string; type: string; mentions: number; chunks: number }
export interface Evidence { chunk_id: string; document_id: string; source: string; quote: string; page: number | null; box: Box | null }
export interface Relation { source: string; target: string; label: string; evidence: string[]; quotes: Evidence[]; source_id: string; target_id: string }
export interface View { entities: Entity[]; relations: Relation[]; more: number | boolean; paths: string[][] }
