import { faultDocument } from '../faults/fault-document.js';
import type { FaultStudy } from '../faults/fault-study.js';
import type { FlattenedResult } from '../power/flatten/flatten-watch.js';
import { faultTable } from '../report/text/fault-table.js';
import { runDocument } from '../report/text/run-document.js';
import { runTable } from '../report/text/run-table.js';
import { flattenDocuments } from '../results/flatten-documents.js';
import { powerDocuments, poweredRows } from '../results/power-columns.js';
import { runLedgers } from '../results/run-rows.js';
import type { ScenarioResult } from '../run/run-scenario.js';
import { VERSION } from './version.js';

/** A run of a file. */
export interface FileRun {
  readonly text: string;
  readonly result: FlattenedResult;
  /** The job without its stragglers, if it has any. */
  readonly reference: ScenarioResult | undefined;
  readonly isInterrupted: boolean;
  /** Present if the scenario has faults. */
  readonly faults: FaultStudy | undefined;
}

/** The result in each format. */
export function contentsOf(run: FileRun, isExplained: boolean) {
  const { result, reference, faults } = run;
  return {
    table: () =>
      runTable(result, { reference, isExplained }) +
      (faults === undefined ? '' : faultTable(faults)),
    json: () => runJson(run),
    csv: () => poweredRows(result),
    markdown: () => runDocument(result, 'markdown'),
    latex: () => runDocument(result, 'latex'),
  };
}

/** A run as JSON. */
export function runJson({ result, faults }: FileRun): object {
  return { ...documentOf(result), ...(faults && { faults: faultDocument(faults) }) };
}

function documentOf(result: FlattenedResult): object {
  const { scenario, title, fit, unitTimeS, roundingPct, gpus, simulatedPipelines, bound } = result;
  const { peaks, bubbleRatio, balance, estimate, approximation } = result;
  return {
    pipewatt: VERSION,
    title,
    scenario,
    gpus,
    unitTimeS,
    roundingPct,
    curveFit: fit ?? null,
    estimate: estimate ?? null,
    profileNotes: result.profileNotes,
    memory: result.memory ?? null,
    memoryShortage: result.memoryShortage ?? null,
    bubbleRatio,
    peakActivations: [...peaks.activations],
    peakCheckpoints: [...peaks.checkpoints],
    balance: balance ?? null,
    simulatedPipelines,
    boundMethod: bound?.method ?? null,
    boundExtraTimePct: bound?.extraTimePct ?? null,
    ...(approximation && {
      approximation: {
        policies: approximation.policies,
        mayChangePct: approximation.mayChangePct ?? null,
        leftOut: approximation.leftOut,
      },
    }),
    policies: poweredRows(result),
    ledgers: runLedgers(result),
    ...(result.power && { power: powerDocuments(result) }),
    ...(result.flattened && { flattened: flattenDocuments(result) }),
  };
}
