/** Names of a run's pictures and their files. Kept apart from the code that draws, which loads slowly. */
export const PICTURE_NAMES = ['timeline', 'power', 'frontier', 'ledger', 'clocks'] as const;

export type PictureName = (typeof PICTURE_NAMES)[number];
