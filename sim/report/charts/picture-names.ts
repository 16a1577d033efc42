/** Pictures of a run, by which their files are called. Apart from what draws them, which loads long. */
export const PICTURE_NAMES = ['timeline', 'frontier', 'ledger', 'clocks'] as const;

export type PictureName = (typeof PICTURE_NAMES)[number];
