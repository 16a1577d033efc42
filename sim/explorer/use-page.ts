import {
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  type Dispatch,
  type StateUpdater,
} from 'preact/hooks';
import { BrokenLinkError, InputError } from '../../src/errors.js';
import { shownProblems } from '../../src/problem-list.js';
import { makeWorker, PAGE_CLOCK } from './beside-the-page.js';
import type { Choices } from './choices.js';
import { readable } from './form-labels.js';
import { begun, changed, redone, settled, undone, type History } from './history.js';
import { contentOfLink, stepOfLink } from './link.js';
import { openedFiles } from './opened-files.js';
import { askedInStep, LAST_STEP, PLAIN_VIEW, type Asked, type View } from './page-state.js';
import { openWhatIf } from './scenario-reader.js';
import { useAddress } from './use-address.js';
import type { WhatIfFiles } from './what-if.js';

const openFiles = (files: WhatIfFiles) => openWhatIf(files, makeWorker, PAGE_CLOCK);

/** The state that a link or files bring. */
interface Opened {
  readonly asked: Asked;
  readonly view: View;
}

/** The state of the page, which its address holds too. @param hash of the address at the beginning. */
export function usePage(hash: string) {
  const [past, setPast] = useState(() => begun(askedInStep((stepOfHash(hash) ?? 1) - 1)));
  const [view, setView] = useState(PLAIN_VIEW);
  const asked = past.present;
  const written = useAddress(asked, view);
  const { notice, isOpening, tryTo, giveUp } = useOpening(
    stepOfHash(hash) === undefined,
    useCallback((opened: Opened) => {
      setPast((history) => changed(history, opened.asked));
      setView(opened.view);
    }, []),
  );
  useLink(tryTo, giveUp, written);

  const changes = useChanges(giveUp, setPast, setView);
  const open = useCallback(
    (files: readonly File[], choices: Choices) => {
      void tryTo(`${files.map(({ name }) => name).join(', ')} cannot be opened.`, async () => {
        const { whatIf, assumed } = await openedFiles(
          files,
          choices,
          // The first steps' pipelines are made up: a profile is not of theirs.
          asked.step === LAST_STEP ? asked : askedInStep(LAST_STEP),
          openFiles,
        );
        return { asked: { whatIf, step: LAST_STEP, assumed }, view };
      });
    },
    [asked, view, tryTo],
  );
  return {
    ...{ asked, view, notice, isOpening, open, setView, ...changes },
    canUndo: past.past.length > 0,
    canRedo: past.future.length > 0,
  };
}

/** The state of the page, and what can be done with it. */
export type Page = ReturnType<typeof usePage>;

/** Changes of what is asked. */
function useChanges(
  giveUp: () => void,
  setPast: Dispatch<StateUpdater<History<Asked>>>,
  setView: Dispatch<StateUpdater<View>>,
) {
  return useMemo(() => {
    const edit = (apply: (history: History<Asked>) => History<Asked>) => {
      giveUp();
      setPast(apply);
    };
    return {
      change: (next: Partial<Asked>, isDragging = false) => {
        edit((history) => changed(history, { ...history.present, ...next }, isDragging));
      },
      /** A control was released: its changes are one. */
      settle: () => {
        setPast(settled);
      },
      undo: () => {
        edit(undone);
      },
      redo: () => {
        edit(redone);
      },
      goTo: (step: number) => {
        edit((history) => changed(history, onGoing(history, step)));
        setView((old) => ({ ...old, drawn: undefined }));
      },
    };
  }, [giveUp, setPast, setView]);
}

/** A step when one goes to it: as at its beginning, but the last one, with the user's job, as it was left. */
function onGoing({ past, present }: History<Asked>, step: number): Asked {
  const left = [...past, present].findLast((asked) => asked.step === LAST_STEP);
  return step === LAST_STEP && left !== undefined ? left : askedInStep(step);
}

type TryTo = (what: string, make: () => Promise<Opened>) => Promise<void>;

/** Opens links and files, of which some cannot be opened. @param isFirst whether the page begins with a link. */
function useOpening(isFirst: boolean, onOpened: (opened: Opened) => void) {
  const [notice, setNotice] = useState<readonly string[]>();
  const [isOpening, setOpening] = useState(isFirst);
  /** Counts what was begun: a file opened late does not undo later changes. */
  const newest = useRef(0);
  const tryTo: TryTo = useCallback(
    async (what, make) => {
      const mine = ++newest.current;
      setOpening(true);
      try {
        const made = await make();
        if (mine !== newest.current) return;
        onOpened(made);
        setNotice(undefined);
      } catch (error) {
        if (mine === newest.current) setNotice(sentences(error, what));
      } finally {
        if (mine === newest.current) setOpening(false);
      }
    },
    [onOpened],
  );
  const giveUp = useCallback(() => {
    newest.current++;
    setOpening(false);
    setNotice(undefined);
  }, []);
  return { notice, isOpening, tryTo, giveUp };
}

/** The step of an address, from 1, which is the first one without a link; undefined for other links. */
function stepOfHash(hash: string): number | undefined {
  if (hash.length <= 1) return 1;
  const step = stepOfLink(hash.slice(1));
  return step === undefined || step > LAST_STEP + 1 ? undefined : step;
}

/** Follows the address. */
function useLink(tryTo: TryTo, giveUp: () => void, written: { readonly current: string }): void {
  useEffect(() => {
    const follow = () => {
      const link = location.hash.slice(1);
      if (link === written.current) {
        // Back to the what-if shown: the broken link is gone.
        giveUp();
        return;
      }
      void tryTo('The scenario of this link is invalid; the page shows another one.', () =>
        openedLink(link),
      );
    };
    if (stepOfHash(location.hash) === undefined) follow();
    addEventListener('hashchange', follow);
    return () => {
      removeEventListener('hashchange', follow);
    };
  }, [tryTo, giveUp, written]);
}

async function openedLink(link: string): Promise<Opened> {
  const step = stepOfHash(`#${link}`);
  if (step !== undefined) {
    return { asked: askedInStep(step - 1), view: PLAIN_VIEW };
  }
  const content = await contentOfLink(link);
  const [whatIf, pinned] = await Promise.all([
    openFiles(content.files),
    content.pinned === undefined ? undefined : openFiles(content.pinned),
  ]);
  return {
    asked: {
      whatIf,
      step: Math.min((content.step ?? Infinity) - 1, LAST_STEP),
      assumed: content.assumed ?? [],
    },
    view: { drawn: content.drawn, pinned },
  };
}

function sentences(error: unknown, what: string): readonly string[] {
  if (error instanceof InputError) return [what, ...shownProblems(error).map(readable)];
  if (error instanceof BrokenLinkError) return [error.message];
  return [what, String(error)];
}
