import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { stringify } from 'yaml';
import type { FuzzInput } from '../fuzz-input.js';
import { withoutNames } from '../oracle.js';
import { hostileText, hostileValue } from '../hostile.js';
import { csvMutation, mutatedCsv } from '../mutate-csv.js';
import { mutatedFile, textMutation } from '../mutate-text.js';
import { mutated, treeMutation } from '../mutate-tree.js';
import { stringify as yamlText } from 'yaml';
import { type FuzzTarget } from '../target.js';
import { anyBase, mutatedScenario, scenarioMutations } from './scenarios.js';

const base64Url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
const packed = (document: unknown) => `1.${base64Url(deflateRawSync(JSON.stringify(document)))}`;

/** A link as the page makes it, of files that may be wrong. */
const anyFiles = fc
  .tuple(anyBase, scenarioMutations, fc.array(csvMutation, { maxLength: 1 }), fc.boolean())
  .map(([{ fields, csv }, changes, ofCsv, isScenario]) => ({
    name: 's.yaml',
    yaml: isScenario ? mutatedScenario(fields, changes) : stringify(fields),
    csv: { name: 'profile.csv', text: isScenario ? csv : mutatedCsv(csv, ofCsv) },
  }));

const right = anyBase.map(({ fields, csv }) => ({
  name: 's.yaml',
  yaml: yamlText(fields),
  csv: { name: 'profile.csv', text: csv },
}));

const anyLink = fc.oneof(
  { weight: 4, arbitrary: anyFiles.map(packed) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(right, fc.array(treeMutation, { minLength: 1, maxLength: 2 }))
      .map(([files, changes]) => packed(mutated(files, changes))),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(right, fc.array(textMutation, { minLength: 1, maxLength: 2 }))
      .map(([files, changes]) =>
        Buffer.from(mutatedFile(packed(files), changes) ?? []).toString('latin1'),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.oneof(
      hostileText,
      hostileValue.map((value) => packed(value ?? null)),
    ),
  },
);

/** Links of the page. */
export const links: FuzzTarget = {
  name: 'links of the page',
  share: 4,
  inputs: () => anyLink.map((link): FuzzInput => ({ call: 'link', args: [link], files: {} })),
  oracle: (_, { code, out }) =>
    code === 0
      ? /\bNaN\b|Infinity|\bundefined\b|:null|\[object /.exec(withoutNames(out))?.[0]
      : undefined,
};
