// The C library of the platform, under one name: `import Platform` instead of a choice of three in
// every file. Users of the library never see it, since no product exports it.

#if canImport(Glibc)
  @_exported import Glibc
#elseif canImport(Musl)
  @_exported import Musl
#else
  @_exported import Darwin
#endif
