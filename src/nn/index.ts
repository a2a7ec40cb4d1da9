// The layers.

export { seed } from './init';
export { Linear, type LinearOptions } from './linear';
export { Module } from './module';
export { Sequential } from './sequential';
