import type { Answer, Precision } from './answer.js';
import type { Choices } from './choices.js';
import type { ReadScenario } from './scenario-reader.js';
import type { WhatIfFiles } from './what-if.js';

/** What the page asks a worker. */
export interface Question {
  readonly id: number;
  readonly files: WhatIfFiles;
  readonly precision: Precision;
}

/** Asks a worker what a scenario's file says. */
export interface ReadingQuestion {
  readonly read: Pick<WhatIfFiles, 'name' | 'yaml'>;
}

/** What a worker tells the page. */
export type Report =
  /** First of all: what the catalog offers. */
  | { readonly kind: 'choices'; readonly choices: Choices }
  | { readonly kind: 'progress'; readonly id: number; readonly part: number; readonly what: string }
  | { readonly kind: 'read'; readonly read: ReadScenario }
  /** None to a preview that would take as long as the answer. */
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answer | undefined }
  /** A bug of pipewatt's. */
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };
