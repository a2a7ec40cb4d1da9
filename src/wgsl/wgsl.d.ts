declare module '*.wgsl' {
  const kernel: import('../graph/ownKernel').Kernel;
  export default kernel;
}
