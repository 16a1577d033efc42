/**
 * Parts of a job that its client sends to the server: the scenario and its profile; the scenario
 * alone, so that the server profiles the job; or nothing, since the server has what it needs.
 */
export const UPLOADS = ['profile', 'scenario', 'nothing'] as const;
