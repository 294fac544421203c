/** Show LaTeX in an element; what does not parse is shown as it is written. KaTeX loads with the first formula. */
export function formula(node: HTMLElement, latex: { source: string; display?: boolean }): void {
  node.textContent = latex.source;
  void import("./katex").then(({ katex }) => {
    try {
      katex.render(latex.source, node, {
        displayMode: latex.display ?? false, throwOnError: true, trust: false, maxSize: 20, maxExpand: 200,
      });
    } catch {
      node.textContent = latex.source;
    }
  });
}
