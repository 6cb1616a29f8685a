// What documents.py has, in JavaScript.
import { readFileSync } from "node:fs";

export const DOCUMENTS = JSON.parse(readFileSync(new URL("documents.json", import.meta.url)));
export const TEXTS = DOCUMENTS.map((document) => document.text);

const words = (text) => text.toLowerCase().match(/[a-z]+/g) ?? [];
const VOCABULARY = [...new Set(TEXTS.flatMap(words))].sort();
const SPARSE_STEP = Math.floor(2 ** 32 / VOCABULARY.length);

export const DIMENSIONS = VOCABULARY.length;

export function dense(text) {
  const found = words(text);
  return VOCABULARY.map((word) => found.filter((other) => other === word).length);
}

export function sparse(text) {
  const counts = dense(text);
  const used = [...counts.keys()].filter((number) => counts[number] > 0);
  return { indices: used.map((number) => number * SPARSE_STEP), values: used.map((number) => counts[number]) };
}
