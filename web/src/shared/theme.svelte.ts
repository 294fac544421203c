export type Theme = "system" | "light" | "dark";
const KEY = "glede.theme";

/** Light or dark: as the system says, unless someone has chosen. */
class Appearance {
  theme = $state<Theme>((localStorage.getItem(KEY) as Theme | null) ?? "system");
  #system = matchMedia("(prefers-color-scheme: dark)");
  #dark = $state(this.#system.matches);

  constructor() {
    this.#system.addEventListener("change", (event) => (this.#dark = event.matches));
    this.#show();
  }

  get dark(): boolean {
    return this.theme === "system" ? this.#dark : this.theme === "dark";
  }

  choose(theme: Theme): void {
    this.theme = theme;
    localStorage.setItem(KEY, theme);
    this.#show();
  }

  #show(): void {
    if (this.theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = this.theme;
  }
}

export const appearance = new Appearance();
