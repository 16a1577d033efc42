import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useFieldProblem } from './field-problems.js';

/** The range and unit of a control's numbers. */
export interface NumberRange {
  readonly min: number;
  readonly max?: number;
  readonly step?: number | 'any';
  readonly unit?: string;
}

/** A choice of a list. */
export function SelectField(props: {
  label: string;
  value: string;
  options: readonly { readonly name: string; readonly title: string }[];
  onChange: (name: string) => void;
  hint?: ComponentChildren;
}) {
  const { label, value, options, onChange, hint } = props;
  const { id, text: wrong, attributes } = useFieldProblem(label);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        {...attributes}
        onInput={({ currentTarget }) => {
          onChange(currentTarget.value);
        }}
      >
        {options.map(({ name, title }) => (
          <option key={name} value={name} selected={name === value}>
            {title}
          </option>
        ))}
      </select>
      <Wrong id={id} text={wrong} />
      {hint}
    </div>
  );
}

/** A number to type; anything else becomes NaN. */
export function NumberField(
  props: NumberRange & { label: string; value: number; onChange: (value: number) => void },
) {
  const { onChange, ...others } = props;
  return (
    <OptionalNumberField
      {...others}
      onChange={(value) => {
        onChange(value ?? NaN);
      }}
    />
  );
}

/** A number that may be left out. @param usual the value taken instead. */
export function OptionalNumberField(
  props: NumberRange & {
    label: string;
    value: number | undefined;
    usual?: number | undefined;
    /** The label of the control whose problems are shown; its own if left out. */
    problemsOf?: string;
    onChange: (value: number | undefined) => void;
  },
) {
  const { label, value, usual, problemsOf = label, onChange, unit, ...range } = props;
  const { id, text: wrong, attributes } = useFieldProblem(problemsOf);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <span class="with-unit">
        <NumberInput
          id={id}
          value={value}
          {...range}
          {...(usual === undefined ? {} : { placeholder: String(usual) })}
          {...attributes}
          onChange={onChange}
        />
        {unit !== undefined && <span class="unit">{unit}</span>}
      </span>
      <Wrong id={id} text={wrong} />
    </div>
  );
}

/** A slider, and its number to type. */
export function SliderField(
  props: NumberRange & {
    label: string;
    value: number;
    max: number;
    /** The number may exceed the slider's range. */
    most?: number;
    onChange: (value: number) => void;
  },
) {
  const { label, value, unit, min, max, most, step, onChange } = props;
  const { id, text: wrong, attributes } = useFieldProblem(label);
  return (
    <div class="field slider">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="range"
        {...{ min, max, step, value }}
        aria-valuetext={`${value}${unit === undefined ? '' : ` ${unit}`}`}
        onInput={({ currentTarget }) => {
          onChange(currentTarget.valueAsNumber);
        }}
      />
      <span class="with-unit">
        <NumberInput
          aria-label={`${label}, as a number`}
          value={value}
          min={min}
          step="any"
          {...(most === undefined ? {} : { max: most })}
          {...attributes}
          onChange={(typed) => {
            onChange(typed ?? NaN);
          }}
        />
        {unit !== undefined && <span class="unit">{unit}</span>}
      </span>
      <Wrong id={id} text={wrong} />
    </div>
  );
}

/** A choice of yes or no. */
export function CheckField(props: {
  label: ComponentChildren;
  isChecked: boolean;
  onChange: (isChecked: boolean) => void;
}) {
  const { label, isChecked, onChange } = props;
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={isChecked}
        onInput={({ currentTarget }) => {
          onChange(currentTarget.checked);
        }}
      />
      <span>{label}</span>
    </label>
  );
}

/** A text to type. */
export function TextField(props: {
  label: string;
  value: string;
  onChange: (value: string) => void;
}) {
  const { label, value, onChange } = props;
  const { id, text: wrong, attributes } = useFieldProblem(label);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="text"
        value={value}
        {...attributes}
        onInput={({ currentTarget }) => {
          onChange(currentTarget.value);
        }}
      />
      <Wrong id={id} text={wrong} />
    </div>
  );
}

/** The problem of a control, below it. */
function Wrong({ id, text }: { id: string; text: string | undefined }) {
  if (text === undefined) return null;
  return (
    <span class="wrong" id={`${id}-wrong`}>
      {text}
    </span>
  );
}

/** Leaves the user's text alone as long as it is the number to show. */
function NumberInput(
  props: NumberRange & {
    id?: string;
    'aria-label'?: string;
    'aria-invalid'?: boolean;
    'aria-describedby'?: string;
    placeholder?: string;
    value: number | undefined;
    onChange: (value: number | undefined) => void;
  },
) {
  const { value, onChange, ...attributes } = props;
  const [first] = useState(value);
  const element = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    const input = element.current!;
    if (!Object.is(typedNumber(input), value) && !isNoNumber(input, value)) {
      input.value = value === undefined || Number.isNaN(value) ? '' : String(value);
    }
  });
  return (
    <input
      ref={element}
      type="number"
      defaultValue={first === undefined || Number.isNaN(first) ? '' : String(first)}
      inputMode="decimal"
      {...attributes}
      onInput={({ currentTarget }) => {
        onChange(typedNumber(currentTarget));
      }}
    />
  );
}

function typedNumber(input: HTMLInputElement): number | undefined {
  if (input.value !== '') return Number(input.value);
  return input.validity.badInput ? NaN : undefined;
}

/** An empty field shows NaN. */
function isNoNumber(input: HTMLInputElement, value: number | undefined): boolean {
  return input.value === '' && Number.isNaN(value);
}
