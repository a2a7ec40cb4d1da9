// Who complains: the command that was typed. What is below the commands does not know it.

/** `text` or `eval: ` in front, as most messages have it. */
const SUBJECT = /^[\w-]+: /;
/** Begins a sentence in capitals, and goes on in small letters behind a subject. */
const OPENING = /^(?:The|There|This|That|An?)\b/;

/** A message that says of itself what it is about, as it is; another under the name of the command. */
export function underCommand(command: string | undefined, message: string): string {
  if (command === undefined || SUBJECT.test(message)) return message;
  return `${command}: ${message.replace(OPENING, (word) => word.toLowerCase())}`;
}
