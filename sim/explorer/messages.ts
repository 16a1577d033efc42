import type { Answer } from './answer.js';
import type { Choices } from './choices.js';
import type { WhatIfFiles } from './what-if.js';

/** What the page asks its worker. */
export interface Question {
  readonly id: number;
  readonly files: WhatIfFiles;
}

/** What the worker tells the page. */
export type Report =
  /** First of all: what the catalog offers. */
  | { readonly kind: 'choices'; readonly choices: Choices }
  | { readonly kind: 'progress'; readonly id: number; readonly part: number; readonly what: string }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answer }
  /** A bug of pipewatt's. */
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };
