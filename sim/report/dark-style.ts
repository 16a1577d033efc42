import { PALETTE, type Colour } from './looks.js';
import { LABEL_COLOURS, POWER_COLOURS } from './timeline/power-colours.js';

/** Applies only on screens: paper is light. */
export const ON_DARK_SCREENS = '@media screen and (prefers-color-scheme: dark)';

/** Attributes in which pictures name colours. */
const ATTRIBUTES = ['fill', 'stroke', 'color'] as const;

/**
 * The style sheet of pictures on a dark screen. Pictures name every colour by its light value, so
 * that programs without style sheets read them too; a rule for each colour replaces it with the dark
 * one.
 */
export function darkPictureStyle(): string {
  const colours: readonly Colour[] = [
    ...Object.values(PALETTE),
    ...POWER_COLOURS,
    ...LABEL_COLOURS.map(({ colour }) => colour),
  ];
  const rules = colours
    .filter(({ light, dark }) => light !== dark)
    .flatMap(({ light, dark }) =>
      ATTRIBUTES.map((name) => `svg [${name}="${light}"],svg[${name}="${light}"]{${name}:${dark}}`),
    );
  return `${ON_DARK_SCREENS}{${rules.join('')}}`;
}
