import type { Answer, Precision } from './answer.js';
import type { Choices } from './choices.js';
import type { WhatIfFiles } from './what-if.js';

/** What the page asks a worker. */
export interface Question {
  readonly id: number;
  readonly files: WhatIfFiles;
  readonly precision: Precision;
}

/** What a worker tells the page. */
export type Report =
  /** First of all: what the catalog offers. */
  | { readonly kind: 'choices'; readonly choices: Choices }
  | { readonly kind: 'progress'; readonly id: number; readonly part: number; readonly what: string }
  /** None to a preview that would take as long as the answer. */
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answer | undefined }
  /** A bug of pipewatt's. */
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };
