// WikiText's tokens as text that people read, and back: spaces before punctuation, " @-@ " inside words and " @,@ "
// inside numbers (Merity et al. 2016, after the tokenizer of Moses).

/** Text of tokens with spaces between them, written as people write. */
export function detokenise(text: string): string {
  let open = true;
  return (
    text
      .replace(/ ?@([-,.])@ ?/g, '$1')
      // Quotation marks open and close in turns, in every line anew.
      .replace(/\n| ?" ?/g, (mark) => {
        if (mark === '\n') open = true;
        else open = !open;
        return mark === '\n' ? mark : open ? '" ' : ' "';
      })
      .replace(/ +([.,;:!?%)\]]|'(?:s|t|d|m|re|ve|ll)\b|n't\b)/g, '$1')
      .replace(/([([]|[£$]) +/g, '$1')
      .replace(/ +/g, ' ')
      .replace(/^ | (?=\n|$)/gm, '')
  );
}

/** What people write, as tokens with spaces between them. */
export const tokenise = (text: string): string =>
  text
    .replace(/(?<=\d)([,.])(?=\d)/g, ' @$1@ ')
    .replace(/(?<=\w)-(?=\w)/g, ' @-@ ')
    .replace(/([;:!?%()[\]"£$]|[.,](?!@))/g, ' $1 ')
    .replace(/(\w)(?='(?:s|t|d|m|re|ve|ll)\b)/g, '$1 ')
    .replace(/ +/g, ' ');
