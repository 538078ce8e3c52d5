export { cluster } from './cluster.ts';
export { evaluate, type Evaluation } from './evaluate.ts';
export { Preparer, prepare, type Prepared } from './prepare.ts';
export { score } from './score.ts';
export { train } from './train.ts';
export { probability, weightOf } from './weigh.ts';
export type * from './types.ts';
