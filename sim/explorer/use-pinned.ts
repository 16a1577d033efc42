import { useCallback, useEffect, useState } from 'preact/hooks';
import type { ShownRun } from '../viewer/shown-run.js';
import { answerOnce } from './answer-once.js';
import type { View } from './page-state.js';
import { filesOf, type WhatIf } from './what-if.js';

/** A pinned what-if and its result. */
export interface Pinned {
  readonly whatIf: WhatIf;
  readonly run: ShownRun;
}

/**
 * The result of the pinned what-if. It is computed only where it is not known: after a link, or when
 * another policy is drawn.
 */
export function usePinned({ pinned, drawn }: View) {
  const [known, setKnown] = useState<Pinned & Pick<View, 'drawn'>>();
  const isKnown = known !== undefined && known.whatIf === pinned && known.drawn === drawn;
  useEffect(() => {
    if (pinned === undefined || isKnown) return;
    return answerOnce({ files: filesOf(pinned), drawn }, (answer) => {
      if (answer.kind === 'run') setKnown({ whatIf: pinned, drawn, run: answer.run });
    });
  }, [pinned, drawn, isKnown]);
  const remember = useCallback(
    (whatIf: WhatIf, run: ShownRun) => {
      setKnown({ whatIf, drawn, run });
    },
    [drawn],
  );
  const isOfPinned = known !== undefined && known.whatIf === pinned;
  return { known: isOfPinned ? known : undefined, remember };
}
