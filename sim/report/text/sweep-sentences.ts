import { metricTitle } from '../sweep/metric-title.js';
import type { SweepChoice } from '../sweep/sweep-choice.js';
import type { SweepData } from '../sweep/sweep-data.js';
import { valueText } from '../numbers.js';

/** The contents of a picture, in words. */
export function choiceSentence(data: SweepData, { kind, metric, policy, at }: SweepChoice): string {
  const held = Object.entries(at).map(([field, value]) => `${field} at ${valueText(value)}`);
  const together = data.axes
    .filter((axis) => axis.together.length > 0)
    .map((axis) => `${axis.together.join(', ')} varied with ${axis.field}`);
  const whose = kind === 'lines' ? 'each policy' : policy;
  const subject = `${metricTitle(metric)} of ${whose} over what varied`;
  const mark = kind === 'lines' ? 'point' : 'cell';
  const rest = [...(held.length === 0 ? [] : [`with ${held.join(', ')}`]), ...together];
  const sentence = [subject, ...rest].join('; ');
  return `${sentence}. Each ${mark} is one combination, or the mean over its seeds.`;
}
