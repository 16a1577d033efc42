import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { InputError, BrokenLinkError } from '../../src/errors.js';
import { shownProblems } from '../../src/problem-list.js';
import { makeWorker, PAGE_CLOCK } from './beside-the-page.js';
import type { Choices } from './choices.js';
import { withOwnProfile } from './edits.js';
import { readable } from './form-labels.js';
import { filesOfLink, linkOf, MOST_BYTES } from './link.js';
import { openWhatIf } from './scenario-reader.js';
import { filesOf, startingWhatIf, type WhatIf, type WhatIfFiles } from './what-if.js';

/** Time from the last change to that of the address. */
const ADDRESS_PAUSE_MS = 250;

const openFiles = (files: WhatIfFiles) => openWhatIf(files, makeWorker, PAGE_CLOCK);

/** The state of the page, which its address holds too. */
export function useWhatIf() {
  const [whatIf, setWhatIf] = useState(startingWhatIf);
  const [notice, setNotice] = useState<readonly string[]>();
  const [isOpening, setOpening] = useState(location.hash.length > 1);
  const written = useAddress(whatIf);
  /** Counts what was begun: a file opened late does not undo later changes. */
  const newest = useRef(0);

  const tryTo = useCallback(async (what: string, make: () => Promise<WhatIf>) => {
    const mine = ++newest.current;
    setOpening(true);
    try {
      const made = await make();
      if (mine !== newest.current) return;
      setWhatIf(made);
      setNotice(undefined);
    } catch (error) {
      if (mine === newest.current) setNotice(sentences(error, what));
    } finally {
      if (mine === newest.current) setOpening(false);
    }
  }, []);

  useEffect(() => {
    const follow = () => {
      const link = location.hash.slice(1);
      if (link === '' || link === written.current) {
        // Back to the what-if shown: the broken link is gone.
        setNotice(undefined);
        return;
      }
      void tryTo('The scenario of this link is invalid; the page shows another one.', async () =>
        openFiles(await filesOfLink(link)),
      );
    };
    follow();
    addEventListener('hashchange', follow);
    return () => {
      removeEventListener('hashchange', follow);
    };
  }, [tryTo, written]);

  const change = useCallback((next: WhatIf) => {
    newest.current++;
    setOpening(false);
    setNotice(undefined);
    setWhatIf(next);
  }, []);

  const open = useCallback(
    (files: readonly File[], choices: Choices) =>
      tryTo(`${files.map(({ name }) => name).join(', ')} cannot be opened.`, () =>
        opened(files, choices, whatIf),
      ),
    [whatIf, tryTo],
  );

  return { whatIf, notice, isOpening, change, open };
}

/** Keeps the what-if in the address, except the initial one. @returns the last link written. */
function useAddress(whatIf: WhatIf) {
  const written = useRef('');
  const atStart = useRef(whatIf);
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
  return written;
}

/** Applies files to a what-if: scenarios first, then the profiles that they name. */
async function opened(files: readonly File[], choices: Choices, whatIf: WhatIf): Promise<WhatIf> {
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
  let next = whatIf;
  for (const file of scenarios) {
    next = await openFiles({ name: file.name, yaml: await file.text() });
  }
  for (const { name, text } of await Promise.all(profiles.map(withText))) {
    next = withOwnProfile(next, choices, { name, text });
  }
  return next;
}

async function withText(file: File) {
  return { name: file.name, text: await file.text() };
}

function sentences(error: unknown, what: string): readonly string[] {
  if (error instanceof InputError) return [what, ...shownProblems(error).map(readable)];
  if (error instanceof BrokenLinkError) return [error.message];
  return [what, String(error)];
}
