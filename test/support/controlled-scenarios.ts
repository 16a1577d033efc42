/** Scenarios of small jobs whose ranks ask a server. */
export const SMALL_JOBS: Readonly<Record<string, string>> = {
  'nothing goes wrong': `
name: plain
profile: {catalog: a100-bert-huge-uncased-dp1-pp4-tp1}
pipeline: {stages: 4, microbatches: 6}
`,
  'stragglers of several causes come and go': `
name: come and go
profile: {catalog: a100-gpt3-xl-dp1-pp4-tp1}
pipeline: {stages: 4, microbatches: 8}
pipelines: 4
iterations: 30
noticeS: 2
stragglers:
  - {pipeline: 0, slowdown: 1.2, fromS: 5, untilS: 30}
  - {pipeline: 2, slowdown: 1.1, cause: stall, fromS: 20, untilS: 60}
  - {pipeline: 1, cause: throttle, clockLimitMHz: 1200, fromS: 40}
`,
  'an interleaved schedule with transfers, clock switches and jitter': `
name: interleaved
profile: {catalog: a40-gpt3-2.7b-dp1-pp8-tp1}
pipeline: {schedule: interleaved, stages: 4, microbatches: 8, chunks: 2}
tensorParallel: 2
pipelines: 2
communication:
  activationMB: 50
  gradientMB: 200
  betweenNodes: {bandwidthGBs: 20, latencyS: 0.00001}
clocks: {switchS: 0.001}
jitter: {}
seeds: 2
iterations: 4
noticeS: 1
stragglers:
  - {pipeline: 0, slowdown: 1.2, fromS: 2, untilS: 30}
  - {pipeline: 1, cause: slow-link, slowdown: 5, fromS: 4}
`,
};
