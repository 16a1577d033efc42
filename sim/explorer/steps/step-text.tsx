import { STEPS, stepFigures } from './steps.js';
import type { ShownRun } from '../../viewer/shown-run.js';

/** The sentences that open a step. */
export function StepLead({ step }: { step: number }) {
  const { title, lead } = STEPS[step]!;
  return (
    <div class="lead">
      <h2>
        {step + 1}. {title}
      </h2>
      <p>{lead}</p>
    </div>
  );
}

/** The questions that a step answers, with the figures of the run on the screen. */
export function StepAnswers({ step, run }: { step: number; run: ShownRun | undefined }) {
  const figures = stepFigures(run?.facts, run?.headline.policy);
  return (
    <dl class="answers">
      {STEPS[step]!.answers.map(({ question, answer }) => (
        <div key={question}>
          <dt>{question}</dt>
          <dd>{answer(figures)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Buttons to the steps before and after. */
export function StepTurns({ step, onGo }: { step: number; onGo: (step: number) => void }) {
  const turn = (to: number, label: string) => (
    <button
      type="button"
      class={to > step ? 'next' : ''}
      onClick={() => {
        onGo(to);
      }}
    >
      {label}
    </button>
  );
  return (
    <p class="turns">
      {step > 0 && turn(step - 1, '← Back')}
      {step < STEPS.length - 1 && turn(step + 1, `Next: ${STEPS[step + 1]!.title} →`)}
    </p>
  );
}
