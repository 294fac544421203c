import { words } from "./../words";

/** What went wrong, as the server says it (RFC 9457), or that it does not answer. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly hint = "",
    /** Seconds to wait before it is tried again, where the server says so. */
    readonly retryAfter = 0,
  ) {
    super(message);
  }
}

const KEY = "glede.key";
export const key = {
  get: (): string => sessionStorage.getItem(KEY) ?? "",
  set: (value: string): void => (value ? sessionStorage.setItem(KEY, value) : sessionStorage.removeItem(KEY)),
};

export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (key.get()) headers.set("Authorization", `Bearer ${key.get()}`);
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new Problem(0, "offline", words.offline, words.offlineHint);
  }
  if (response.ok) return response;
  throw await problemOf(response);
}

async function problemOf(response: Response): Promise<Problem> {
  const told: unknown = await response.json().catch(() => ({}));
  const retryAfter = Number(response.headers.get("Retry-After")) || 0;
  return problemFrom({ status: response.status, title: response.statusText, ...((told ?? {}) as Record<string, unknown>) }, retryAfter);
}

export function problemFrom(told: Record<string, unknown>, retryAfter = 0): Problem {
  const message = told.detail ?? told.title ?? told.status;
  return new Problem(Number(told.status), String(told.code ?? told.status), String(message), String(told.hint ?? ""), retryAfter);
}

export async function json<T>(path: string, init: RequestInit = {}): Promise<T> {
  return (await (await request(path, init)).json()) as T;
}

export function post<T>(path: string, body: unknown, init: RequestInit = {}): Promise<T> {
  const headers = { "Content-Type": "application/json" };
  return json<T>(path, { ...init, method: "POST", headers, body: JSON.stringify(body) });
}

/** Pictures behind a key cannot stand in `src`: they are fetched, and shown from memory. */
export async function picture(path: string, signal?: AbortSignal): Promise<string> {
  const response = await request(path, signal ? { signal } : {});
  return URL.createObjectURL(await response.blob());
}
