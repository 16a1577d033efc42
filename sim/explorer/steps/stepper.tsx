import { useRef } from 'preact/hooks';
import { STEPS } from './steps.js';

/** The steps of the explanation, to go to by pressing one, or by arrow keys while it has the focus. */
export function Stepper({ step, onGo }: { step: number; onGo: (step: number) => void }) {
  const list = useRef<HTMLOListElement>(null);
  const last = STEPS.length - 1;
  const go = (to: number) => {
    onGo(to);
    list.current?.querySelectorAll('button')[to]?.focus();
  };
  return (
    <nav
      class="stepper"
      aria-label="Steps"
      onKeyDown={(event) => {
        const to = targetOf(event.key, step, last);
        if (to === undefined || to === step) return;
        event.preventDefault();
        go(to);
      }}
    >
      <ol ref={list}>
        {STEPS.map(({ title }, k) => (
          <li key={title}>
            <button
              type="button"
              aria-current={k === step ? 'step' : undefined}
              onClick={() => {
                go(k);
              }}
            >
              <span class="number">{k + 1}</span> <span class="title">{title}</span>
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}

/** The step that a key goes to; undefined for other keys. */
function targetOf(key: string, step: number, last: number): number | undefined {
  switch (key) {
    case 'ArrowRight':
    case 'ArrowDown':
      return Math.min(step + 1, last);
    case 'ArrowLeft':
    case 'ArrowUp':
      return Math.max(step - 1, 0);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return undefined;
  }
}
