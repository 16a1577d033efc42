/** A job of the paper by the names that people know. */
export interface PaperJob {
  readonly gpu: string;
  readonly model: string;
}

/** Models as their authors spell them, by the names of workloads. */
const MODELS: Readonly<Record<string, string>> = {
  'bert-huge-uncased': 'BERT-huge',
  bloom: 'BLOOM 176B',
  'bloom-3b': 'BLOOM 3B',
  'gpt3-175b': 'GPT-3 175B',
  'gpt3-2.7b': 'GPT-3 2.7B',
  'gpt3-6.7b': 'GPT-3 6.7B',
  'gpt3-xl': 'GPT-3 XL',
  't5-3b': 'T5 3B',
  'wide-resnet101_8': 'Wide-ResNet101',
};

/** `A40+bert-huge-uncased+dp1+pp8+tp1` → A40, BERT-huge; an unknown model keeps its name. */
export function paperJob(workloadId: string): PaperJob {
  const [gpu = '', model = ''] = workloadId.split('+');
  return {
    gpu: gpu.toUpperCase().replaceAll('_', ' '),
    model: Object.hasOwn(MODELS, model) ? MODELS[model]! : model,
  };
}

/** `BERT-huge, A40` */
export function paperJobName(workloadId: string): string {
  const { gpu, model } = paperJob(workloadId);
  return model === '' ? workloadId : `${model}, ${gpu}`;
}
