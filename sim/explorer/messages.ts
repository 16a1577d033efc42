import type { Answer, Precision } from './answer.js';
import type { Choices } from './choices.js';
import type { ReadScenario } from './scenario-reader.js';
import type { WhatIfFiles } from './what-if.js';

/** The page's wish: a what-if, and the policy to draw. */
export interface Wanted {
  readonly files: WhatIfFiles;
  /** The policy to draw and to tell of; the best one if left out. */
  readonly drawn?: string | undefined;
}

/** A request of the page to a worker. */
export interface Question extends Wanted {
  readonly id: number;
  readonly precision: Precision;
}

/** A request to read a scenario's file. */
export interface ReadingQuestion {
  readonly read: Pick<WhatIfFiles, 'name' | 'yaml'>;
}

/** A report of a worker to the page. */
export type Report =
  /** The first report: the choices that the catalog offers. */
  | { readonly kind: 'choices'; readonly choices: Choices }
  | { readonly kind: 'progress'; readonly id: number; readonly part: number; readonly what: string }
  | { readonly kind: 'read'; readonly read: ReadScenario }
  /** Undefined for a preview that would take as long as the answer. */
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answer | undefined }
  /** A bug in pipewatt. */
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };
