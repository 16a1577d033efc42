import type { Choices } from '../choices.js';
import type { Scenario } from '../../scenario/scenario-schema.js';
import type { WhatIf } from '../what-if.js';
import { BalanceFields } from './balance-fields.js';
import { JobFields } from './job-fields.js';
import { OtherFields } from './other-fields.js';
import { PolicyFields } from './policy-fields.js';
import { PriceFields } from './price-fields.js';
import { ProfileFields } from './profile-fields.js';
import { TroubleFields } from './trouble-fields.js';

/** The properties of every part of the form. */
export interface FormPart {
  readonly scenario: Scenario;
  readonly choices: Choices;
  readonly onChange: (scenario: Scenario) => void;
}

/** All controls. */
export function WhatIfForm(props: {
  whatIf: WhatIf;
  choices: Choices;
  onChange: (whatIf: WhatIf) => void;
  onFiles: (files: readonly File[]) => void;
}) {
  const { whatIf, choices, onChange, onFiles } = props;
  const part: FormPart = {
    scenario: whatIf.scenario,
    choices,
    onChange: (scenario) => {
      onChange({ ...whatIf, scenario });
    },
  };
  return (
    <>
      <ProfileFields {...part} onFiles={onFiles} />
      <JobFields {...part} />
      <TroubleFields {...part} />
      <BalanceFields {...part} />
      <PolicyFields {...part} />
      <PriceFields {...part} />
      <OtherFields {...part} />
    </>
  );
}
