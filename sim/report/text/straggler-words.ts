import type { Straggler } from '../../training/data-parallel.js';
import { isThroughout } from '../../training/plain-straggler.js';

/** A straggler in a sentence: `pipeline 0 is 1.2× slower (busy)`. */
export function howItIsSlow(straggler: Straggler): string {
  const { pipeline } = straggler;
  const stage = 'stage' in straggler ? straggler.stage : undefined;
  const where = `pipeline ${pipeline}${stage === undefined ? '' : `, stage ${stage},`}`;
  switch (straggler.cause) {
    case 'busy':
    case 'stall': {
      const { cause, slowdown, backwardSlowdown } = straggler;
      const backward = backwardSlowdown === undefined ? '' : `, backwards ${backwardSlowdown}×`;
      return `${where} is ${slowdown}× slower${backward} (${cause})`;
    }
    case 'throttle':
      return `${where} is throttled to ${straggler.clockLimitMHz} MHz`;
    case 'slow-link': {
      const { slowdown, link } = straggler;
      return `${link === undefined ? 'the links' : `link ${link}`} of ${where} ${link === undefined ? 'are' : 'is'} ${slowdown}× slower`;
    }
    case 'data-stall':
      return `${where} gets its microbatches ${straggler.delayS} s late`;
  }
}

/** ` from 10 s to 20 s`, or nothing if it is slow throughout. */
export function whenItIsSlow(straggler: Straggler): string {
  if (isThroughout(straggler)) return '';
  const { fromS = 0, untilS } = straggler;
  return ` from ${fromS} s ${untilS === undefined ? 'on' : `to ${untilS} s`}`;
}

/** A straggler in a label: `pipeline 0: busy, 1.2×`. */
export function briefly(straggler: Straggler): string {
  const stage = 'stage' in straggler ? straggler.stage : undefined;
  const link = 'link' in straggler ? straggler.link : undefined;
  const where =
    stage !== undefined ? `, stage ${stage}` : link !== undefined ? `, link ${link}` : '';
  return `pipeline ${straggler.pipeline}${where}: ${straggler.cause}, ${amount(straggler)}`;
}

function amount(straggler: Straggler): string {
  switch (straggler.cause) {
    case 'throttle':
      return `at most ${straggler.clockLimitMHz} MHz`;
    case 'data-stall':
      return `${straggler.delayS} s`;
    case 'busy':
    case 'stall':
    case 'slow-link':
      return `${Number(straggler.slowdown.toPrecision(4))}×`;
  }
}
