declare module '*.wgsl' {
  const kernel: import('../graph/own/ownKernel').Kernel;
  export default kernel;
}
