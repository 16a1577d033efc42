import { InputError } from '../../src/errors.js';
import type { Choices } from './choices.js';
import { withOwnProfile } from './edits.js';
import { MOST_BYTES } from './link.js';
import { ASSUMABLE } from './own-profile.js';
import type { Asked } from './page-state.js';
import type { WhatIf, WhatIfFiles } from './what-if.js';

/** Applies files to what is asked: scenarios first, then the profiles that they name. */
export async function openedFiles(
  files: readonly File[],
  choices: Choices,
  { whatIf, assumed }: Pick<Asked, 'whatIf' | 'assumed'>,
  openFiles: (files: WhatIfFiles) => Promise<WhatIf>,
): Promise<Pick<Asked, 'whatIf' | 'assumed'>> {
  const tooLarge = files.filter(({ size }) => size > MOST_BYTES);
  if (tooLarge.length > 0) {
    throw new InputError(
      tooLarge.map(({ name, size }) => ({
        source: name,
        message: `found ${size} bytes, expected at most ${MOST_BYTES}`,
      })),
    );
  }
  const scenarios = files.filter(({ name }) => /\.ya?ml$/i.test(name));
  const profiles = files.filter((file) => !scenarios.includes(file));
  let next = { whatIf, assumed };
  for (const file of scenarios) {
    next = { whatIf: await openFiles({ name: file.name, yaml: await file.text() }), assumed: [] };
  }
  for (const { name, text } of await Promise.all(profiles.map(withText))) {
    const isNamed = isNamedBy(next.whatIf, name);
    next = {
      whatIf: withOwnProfile(next.whatIf, choices, { name, text }),
      // A scenario that names the profile has said all of this.
      assumed: isNamed ? next.assumed : ASSUMABLE.map(({ field }) => field),
    };
  }
  return next;
}

function isNamedBy({ scenario: { profile } }: WhatIf, name: string): boolean {
  return 'csv' in profile && profile.csv === name;
}

async function withText(file: File) {
  return { name: file.name, text: await file.text() };
}
