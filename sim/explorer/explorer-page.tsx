import { useCallback, useState } from 'preact/hooks';
import { Actions } from './actions.js';
import { FileDrop } from './file-drop.js';
import { WhatIfForm } from './form/what-if-form.js';
import { Results } from './results/results.js';
import { useCalculator } from './use-calculator.js';
import { useWhatIf } from './use-what-if.js';

/** The whole page: what if on one side, what then on the other. */
export function ExplorerPage() {
  const { whatIf, notice, change, open } = useWhatIf();
  const { choices, outcome, hurry } = useCalculator(whatIf);
  const [isDropping, setDropping] = useState(false);
  const openFiles = useCallback(
    (files: readonly File[]) => {
      if (choices !== undefined) void open(files, choices);
    },
    [open, choices],
  );
  return (
    <FileDrop onFiles={openFiles} onHover={setDropping}>
      <header class="masthead">
        <h1>
          pipewatt <span class="quiet">what if?</span>
        </h1>
        <Actions whatIf={whatIf} onFiles={openFiles} />
      </header>
      {notice !== undefined && (
        <div class="notice" role="alert">
          {notice.map((line) => (
            <p key={line}>{line}</p>
          ))}
        </div>
      )}
      <main class="columns">
        <form
          class="form"
          aria-label="What if"
          onChange={hurry}
          onSubmit={(event) => {
            event.preventDefault();
          }}
        >
          {choices === undefined ? (
            <p class="quiet">loading the catalog…</p>
          ) : (
            <WhatIfForm whatIf={whatIf} choices={choices} onChange={change} onFiles={openFiles} />
          )}
        </form>
        <Results outcome={outcome} />
      </main>
      <footer class="quiet">
        Everything is planned and simulated in this page; nothing is sent anywhere. The link holds
        the whole scenario.
      </footer>
      {isDropping && (
        <div class="drop-here" aria-hidden="true">
          drop a stage profile (.csv) or a scenario (.yaml)
        </div>
      )}
    </FileDrop>
  );
}
