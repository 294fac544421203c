/** Where we are: the part of the address behind `#/`, so that any file server can serve the pages. */
export interface Place {
  page: string;
  rest: string[];
  query: URLSearchParams;
}

function read(): Place {
  const [said = ""] = location.hash.replace(/^#\/?/, "").split("#"); // some programs add a text fragment of their own
  const [path = "", query = ""] = said.split("?");
  const [page = "", ...rest] = path.split("/").map(decoded);
  return { page: page || "ask", rest, query: new URLSearchParams(query) };
}

/** An address that was cut or typed may not decode: then it is what it says. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

class Router {
  place = $state<Place>(read());

  constructor() {
    addEventListener("hashchange", () => (this.place = read()));
  }
}

export const router = new Router();

export function address(page: string, ...rest: string[]): string {
  return "#/" + [page, ...rest].map(encodeURIComponent).join("/");
}

export function go(page: string, ...rest: string[]): void {
  location.hash = address(page, ...rest);
}
