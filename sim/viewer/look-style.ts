import { darkPictureStyle, ON_DARK_SCREENS } from '../report/dark-style.js';
import { FRONTIER_STYLE_SHEET } from './frontier/frontier-style.js';
import { TIMELINE_STYLE_SHEET } from './timeline/timeline-style.js';
import { ACCOUNT_LOOKS, DRAWN_ACCOUNTS, PALETTE } from '../report/looks.js';

/** The style sheet of elements shared with reports: pictures, marks and bars of accounts. */
export function lookStyle(): string {
  const colours = (scheme: 'light' | 'dark') =>
    Object.entries(PALETTE).map(([name, colour]) => `--${name}:${colour[scheme]};`);
  const rule = (scheme: 'light' | 'dark') =>
    `:root{${colours(scheme).join('')}}${accounts(scheme)}`;
  const accounts = (scheme: 'light' | 'dark') =>
    DRAWN_ACCOUNTS.map((account) => {
      const { colour, hatchDeg } = ACCOUNT_LOOKS[account];
      const hatch =
        hatchDeg === undefined
          ? ''
          : `repeating-linear-gradient(${hatchDeg}deg,var(--hatch) 0 2px,transparent 2px 5px) `;
      return `.account-${account}{background:${hatch}${colour[scheme]}}`;
    }).join('');
  return `${rule('light')}${ON_DARK_SCREENS}{${rule('dark')}}${darkPictureStyle()}${TIMELINE_STYLE_SHEET}${FRONTIER_STYLE_SHEET}`;
}
