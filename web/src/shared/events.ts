/** One event of a stream (text/event-stream), read from `fetch`, so that keys and bodies can go along. */
export interface ServerEvent {
  event: string;
  data: string;
  id: string;
}

export async function* eventsOf(response: Response): AsyncGenerator<ServerEvent> {
  if (!response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += value ?? "";
      const parts = rest.split(/\r\n\r\n|\n\n|\r\r/);
      rest = done ? "" : (parts.pop() ?? "");
      for (const part of parts) {
        const event = eventOf(part);
        if (event) yield event;
      }
      if (done) return;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function eventOf(text: string): ServerEvent | null {
  const event: ServerEvent = { event: "message", data: "", id: "" };
  const data: string[] = [];
  for (const line of text.split(/\r\n|\n|\r/)) {
    const [, name = "", value = ""] = /^([a-z]+): ?(.*)$/.exec(line) ?? [];
    if (name === "data") data.push(value);
    else if (name === "event") event.event = value;
    else if (name === "id") event.id = value;
  }
  event.data = data.join("\n");
  return data.length ? event : null;
}
