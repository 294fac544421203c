import { lexer, type Token } from "marked";

/** A piece of a line: plain words, a citation's marker, or a formula. */
export type Piece = { kind: "words"; text: string } | { kind: "marker"; number: number } | { kind: "formula"; text: string };

const PIECES = /\[(\d{1,3})\]|\$\$([^$]+)\$\$|\\\((.+?)\\\)|\\\[([\s\S]+?)\\\]|\$([^\s$][^$\n]*?)\$(?!\d)/g;

/** What an answer's Markdown consists of; nothing of it ever becomes HTML by itself. */
export function tokensOf(text: string): Token[] {
  return lexer(text, { gfm: true, breaks: false });
}

export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(PIECES)) {
    if (match.index > at) pieces.push({ kind: "words", text: text.slice(at, match.index) });
    const [whole, marker, ...formulas] = match;
    const formula = formulas.find((one) => one !== undefined);
    if (marker) pieces.push({ kind: "marker", number: Number(marker) });
    else pieces.push({ kind: "formula", text: formula ?? whole });
    at = match.index + whole.length;
  }
  if (at < text.length) pieces.push({ kind: "words", text: text.slice(at) });
  return pieces;
}

const ENTITIES: Record<string, string> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'" };

/** marked escapes some texts for HTML; we write text nodes. */
export function unescaped(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? entity);
}
