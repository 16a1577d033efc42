import { policyLooks, type Look } from '../looks.js';

/** The channels of Vega-Lite that distinguish policies, or other things with a look. */
export function lookChannels(field: string, names: readonly string[], looks: readonly Look[]) {
  const domain = [...names];
  const channel = <T>(range: T[]) => ({
    field,
    type: 'nominal' as const,
    title: null,
    scale: { domain, range },
  });
  return {
    color: channel(looks.map(({ colour }) => colour.light)),
    strokeDash: channel(looks.map(({ dash }) => [...dash])),
    shape: channel(looks.map(({ shape }) => shape)),
  };
}

/** The channels that distinguish the policies of a picture. */
export function policyChannels(policies: readonly string[], field = 'policy') {
  return lookChannels(field, policies, policyLooks(policies));
}
