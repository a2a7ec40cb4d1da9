// placeholder until merged
export interface LSTMBounds {
  readonly wi: number;
  readonly wf: number;
  readonly wo: number;
  readonly wz: number;
  readonly uf: number;
  readonly bf: number;
  readonly x: number;
}
