import { scheduleOf, SCHEDULES } from '../../../src/pipeline/schedules.js';
import { withDeadline, withPipeline } from '../edits.js';
import { NumberField, OptionalNumberField, SelectField } from './fields.js';
import type { FormPart } from './what-if-form.js';

/** The size of the job, and its order of computations. */
export function JobFields({ scenario, choices, onChange }: FormPart) {
  const { pipeline, tensorParallel, pipelines } = scenario;
  const resize = (change: Parameters<typeof withPipeline>[2]) => {
    onChange(withPipeline(scenario, choices, change));
  };
  return (
    <fieldset>
      <legend>Job</legend>
      <div class="pairs">
        <NumberField
          label="Stages"
          value={pipeline.stages}
          min={1}
          max={1024}
          onChange={(stages) => {
            resize({ stages });
          }}
        />
        <NumberField
          label="Microbatches"
          value={pipeline.microbatches}
          min={1}
          max={100_000}
          onChange={(microbatches) => {
            resize({ microbatches });
          }}
        />
        <NumberField
          label="Tensor parallel"
          unit="GPUs"
          value={tensorParallel}
          min={1}
          max={1024}
          onChange={(gpus) => {
            onChange({ ...scenario, tensorParallel: gpus });
          }}
        />
        <NumberField
          label="Pipelines"
          value={pipelines}
          min={1}
          max={1_000_000}
          onChange={(count) => {
            onChange({ ...scenario, pipelines: count });
          }}
        />
      </div>
      <DeadlineField {...{ scenario, onChange }} />
      <ScheduleFields pipeline={pipeline} resize={resize} />
    </fieldset>
  );
}

/** The time that plans may take. */
function DeadlineField({ scenario, onChange }: Pick<FormPart, 'scenario' | 'onChange'>) {
  return (
    <OptionalNumberField
      label="Time an iteration may take"
      unit="s"
      min={0}
      step="any"
      value={scenario.deadlineS}
      onChange={(deadlineS) => {
        onChange(withDeadline(scenario, deadlineS));
      }}
    />
  );
}

/** The schedule, and what it lets one choose. */
function ScheduleFields({
  pipeline,
  resize,
}: {
  readonly pipeline: FormPart['scenario']['pipeline'];
  readonly resize: (change: Parameters<typeof withPipeline>[2]) => void;
}) {
  return (
    <>
      <SelectField
        label="Schedule"
        value={pipeline.schedule}
        options={SCHEDULES}
        onChange={(name) => {
          const schedule = SCHEDULES.find((known) => known.name === name);
          if (schedule !== undefined) resize({ schedule: schedule.name });
        }}
      />
      {scheduleOf(pipeline.schedule).usesChunks === true && (
        <NumberField
          label="Chunks of the model per stage"
          value={pipeline.chunks}
          min={1}
          max={64}
          onChange={(chunks) => {
            resize({ chunks });
          }}
        />
      )}
    </>
  );
}
