import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { InputError } from '../../src/errors.js';
import { shownProblems } from '../../src/problem-list.js';
import type { Choices } from './choices.js';
import { withOwnProfile } from './edits.js';
import { BrokenLinkError, filesOfLink, linkOf } from './link.js';
import { filesOf, startingWhatIf, whatIfOf, type WhatIf } from './what-if.js';

/** The address changes so long after the last change. */
const ADDRESS_PAUSE_MS = 250;

/** The state of the page, which lives in its address too. */
export function useWhatIf() {
  const [whatIf, setWhatIf] = useState(startingWhatIf);
  const [notice, setNotice] = useState<readonly string[]>();
  const written = useRef('');
  const atStart = useRef(whatIf);

  const tryTo = useCallback(async (what: string, make: () => Promise<WhatIf>) => {
    try {
      setWhatIf(await make());
      setNotice(undefined);
    } catch (error) {
      setNotice(sentences(error, what));
    }
  }, []);

  useEffect(() => {
    const follow = () => {
      const link = location.hash.slice(1);
      if (link === '' || link === written.current) return;
      void tryTo('The scenario of this link is wrong; the page shows another one.', async () =>
        whatIfOf(await filesOfLink(link)),
      );
    };
    follow();
    addEventListener('hashchange', follow);
    return () => {
      removeEventListener('hashchange', follow);
    };
  }, [tryTo]);

  useEffect(() => {
    if (whatIf === atStart.current) return;
    const timer = setTimeout(() => {
      void linkOf(filesOf(whatIf)).then((link) => {
        written.current = link;
        history.replaceState(undefined, '', `#${link}`);
      });
    }, ADDRESS_PAUSE_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [whatIf]);

  const change = useCallback((next: WhatIf) => {
    setNotice(undefined);
    setWhatIf(next);
  }, []);

  /** Scenarios first, then the profiles that they name. */
  const open = useCallback(
    (files: readonly File[], choices: Choices) =>
      tryTo(`${files.map(({ name }) => name).join(', ')} cannot be opened.`, async () => {
        const scenarios = files.filter(({ name }) => /\.ya?ml$/i.test(name));
        const profiles = files.filter((file) => !scenarios.includes(file));
        let next = whatIf;
        for (const file of scenarios) {
          next = whatIfOf({ name: file.name, yaml: await file.text() });
        }
        for (const { name, text } of await Promise.all(profiles.map(withText))) {
          next = withOwnProfile(next, choices, { name, text });
        }
        return next;
      }),
    [whatIf, tryTo],
  );

  return { whatIf, notice, change, open };
}

async function withText(file: File) {
  return { name: file.name, text: await file.text() };
}

function sentences(error: unknown, what: string): readonly string[] {
  if (error instanceof InputError) return [what, ...shownProblems(error)];
  if (error instanceof BrokenLinkError) return [error.message];
  return [what, String(error)];
}
