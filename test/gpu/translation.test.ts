// Models that translate, against PyTorch. What else they are to do: onOps/translationModels.test.ts.

import { test } from 'vitest';
import { nn, optim } from '../../src/index';
import { only, type Rules } from '../../src/graph/options';
import { CONVS2S_RULES } from '../../src/nn/translation/convS2S';
import { TRANSLATION_TRANSFORMER_RULES } from '../../src/nn/translation/translationTransformer';
import { FAMILIES, openTestEngine } from '../harness/engine';
import { compare, type Golden } from '../harness/golden';
import { lossOf } from '../harness/translators';
import conv from '../golden/convS2S.json';
import convTied from '../golden/convS2STied.json';
import post from '../golden/translationTransformerPost.json';
import pre from '../golden/translationTransformerPre.json';

interface Config {
  readonly vocabularies: nn.Vocabularies;
}

type Stored = Golden & {
  readonly config: Config;
  readonly optimizer: { learningRate: number; momentum: number; nesterov: boolean; clip: number };
};

const own = <S>(rules: Rules<S>, { config }: { readonly config: unknown }): S => only(rules, config as S);

const GOLDEN = {
  'transformer, pre-norm': [
    pre,
    () => new nn.TranslationTransformer(pre.config.vocabularies, own(TRANSLATION_TRANSFORMER_RULES, pre)),
  ],
  'transformer, post-norm, one table': [
    post,
    () => new nn.TranslationTransformer(post.config.vocabularies, own(TRANSLATION_TRANSFORMER_RULES, post)),
  ],
  ConvS2S: [conv, () => new nn.ConvS2S(conv.config.vocabularies, own(CONVS2S_RULES, conv))],
  'ConvS2S, one table': [
    convTied,
    () => new nn.ConvS2S(convTied.config.vocabularies, own(CONVS2S_RULES, convTied)),
  ],
} as const;

test.each(FAMILIES)('ten steps as PyTorch takes them (%s)', async (family) => {
  const engine = await openTestEngine({ family, poison: true });
  const all = Object.values(GOLDEN);
  for (const [golden, make] of family === 'direct' ? all : all.filter((_, i) => i % 2 === 0)) {
    const { optimizer, ...stored } = golden as Stored;
    const model = make();
    const { learningRate, momentum, nesterov, clip } = optimizer;
    const sgd = new optim.SGD(model.parameters(), { learningRate, momentum, nesterov, clipNorm: clip });
    await compare(engine, stored, model, sgd, lossOf(model), ['lengths', 'prefix']);
  }
  engine.destroy();
});
