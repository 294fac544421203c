import { api } from "./api";

const KEY = "glede.collection";

/** The collection that the pages are of. */
class Where {
  name = $state(localStorage.getItem(KEY) ?? "default");
  names = $state<string[]>([]);

  async load(): Promise<void> {
    this.names = await api.collections().catch(() => []);
    if (this.names.length && !this.names.includes(this.name)) this.choose(this.names[0] ?? "default");
  }

  choose(name: string): void {
    this.name = name;
    localStorage.setItem(KEY, name);
  }
}

export const where = new Where();
