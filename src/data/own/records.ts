// Records of a table as other programs write them: a first line may say what stands between fields, and a delimiter may
// stand at the end of every line, with no field behind it.

import { saysDelimiter, type OnRecord } from './csv';

const endsBlank = (fields: readonly string[]): boolean => fields.length > 1 && !fields.at(-1)!.trim();

/** Records in, and out as they are meant; the second says whether lines end with a delimiter. */
export class Records {
  private first: Parameters<OnRecord> | undefined;
  /** How many fields a line has with an empty one at its end; 0 where lines end with a field. */
  private trailing = 0;
  private begun = false;

  constructor(private readonly onRecord: OnRecord) {}

  push: OnRecord = (fields, line) => {
    if (saysDelimiter(fields, line)) return;
    if (this.begun) this.give(fields, line);
    else if (!this.first) this.first = [fields, line];
    else {
      const both = [this.first[0], fields];
      if (both.every(endsBlank) && both[0].length === both[1].length) this.trailing = fields.length;
      this.end();
      this.give(fields, line);
    }
  };

  /** The first, where it is the only one. */
  end(): void {
    if (this.first && !this.begun) this.give(...this.first);
    this.begun = true;
  }

  private give(fields: readonly string[], line: number): void {
    const cut = fields.length === this.trailing && endsBlank(fields);
    this.onRecord(cut ? fields.slice(0, -1) : fields, line);
  }
}
