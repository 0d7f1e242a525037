import Arrays
import CKernels
import Files
import Foundation
import Kernels
import Testing

/// How OpenBLAS is opened, and with which kernels. Each test that opens it does so in a process of
/// its own, since it is opened once.
@Suite struct OpenBLASTests {
  @Test func kernelsAreChosenByWhatTheProcessorCanDo() {
    let table: [(avx2: Bool, avx512: Bool, amd: Bool, core: String?)] = [
      (false, false, false, nil),
      (false, false, true, nil),
      (true, false, false, "Haswell"),
      (true, false, true, "Zen"),
      (true, true, false, "SkylakeX"),
      (true, true, true, "SkylakeX"),
    ]
    for row in table {
      let processor = CKProcessor(
        has_avx2: row.avx2, has_avx512: row.avx512, is_amd: row.amd)
      #expect(OpenBLAS.core(for: processor) == row.core)
      let chosen = row.core.map { ["OPENBLAS_CORETYPE=\($0)"] } ?? []
      #expect(
        OpenBLAS.startVariables(for: processor, userCore: nil)
          == ["OPENBLAS_NUM_THREADS=1"] + chosen)
      #expect(
        OpenBLAS.startVariables(for: processor, userCore: "Nehalem") == ["OPENBLAS_NUM_THREADS=1"])
    }
  }

  #if os(Linux) && arch(x86_64)
    /// Linux tells the same of the processor in words.
    @Test func theProcessorIsWhatTheSystemSays() throws {
      let text = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
      let flags = try #require(text.split(separator: "\n").first { $0.hasPrefix("flags") })
        .split(separator: " ")
      func has(_ wanted: String...) -> Bool { wanted.allSatisfy { flags.contains($0[...]) } }
      let processor = ck_processor()
      #expect(processor.has_avx2 == has("avx2", "fma"))
      #expect(
        processor.has_avx512
          == has("avx2", "fma", "avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"))
      #expect(processor.is_amd == text.contains("AuthenticAMD"))
    }

    @Test func theKernelsThatWereChosenRun() async {
      await #expect(processExitsWith: .success) {
        unsetenv("OPENBLAS_CORETYPE")
        let chosen = OpenBLAS.core(for: ck_processor())
        let library = try OpenBLAS.open()
        try #require(chosen == nil || library.core == chosen, "\(library)")
        try #require(library.description == "OpenBLAS \(library.version) (\(library.core))")
        try #require(library.version.contains("."))
        // Programs that this one starts choose for themselves.
        try #require(getenv("OPENBLAS_CORETYPE") == nil && getenv("OPENBLAS_NUM_THREADS") == nil)
      }
    }

    /// Every x86-64 processor runs these, and none that runs tests would choose them.
    @Test func theUsersSettingIsKept() async {
      await #expect(processExitsWith: .success) {
        setenv("OPENBLAS_CORETYPE", "Prescott", 1)
        try #require(try OpenBLAS.open().core == "Prescott")
        try #require(getenv("OPENBLAS_CORETYPE").map { String(cString: $0) } == "Prescott")
      }
    }
  #endif

  #if os(Linux)
    @Test func theFirstProductOpensIt() async {
      await #expect(processExitsWith: .success) {
        func isOpen() throws -> Bool {
          try String(contentsOfFile: "/proc/self/maps", encoding: .utf8).contains("openblas")
        }
        try #require(try !isOpen())
        // Long enough for several threads.
        let ones = NDArray.binary(
          .add, NDArray(zeros: [512, 512]), NDArray(Float(1)), for: "add")
        try #require(try !isOpen())
        let product = NDArray.matmul(ones, ones)
        try #require(try isOpen())
        try #require(product.elements(as: Float.self).allSatisfy { $0 == 512 })
      }
    }

    @Test func severalThreadsMayAskForItFirst() async {
      await #expect(processExitsWith: .success) {
        let ones = NDArray.binary(.add, NDArray(zeros: [64, 64]), NDArray(Float(1)), for: "add")
        let correct = await withTaskGroup(of: Bool.self) { group in
          for _ in 0..<16 {
            group.addTask {
              NDArray.matmul(ones, ones).elements(as: Float.self).allSatisfy { $0 == 64 }
            }
          }
          return await group.allSatisfy(\.self)
        }
        try #require(correct)
      }
    }

    @Test func aLibraryThatIsNotThereIsNamed() throws {
      let error = try #require(throws: FileError.self) {
        _ = try OpenBLAS("libnosuchblas.so.0", variables: [])
      }
      #expect(
        error.description
          == "cannot load libnosuchblas.so.0: cannot open shared object file: No such file or "
          + "directory")
    }

    @Test func aLibraryThatIsAnotherIsRefused() throws {
      let error = try #require(throws: FileError.self) {
        _ = try OpenBLAS("libm.so.6", variables: [])
      }
      #expect(error.description == "cannot load libm.so.6: it has no function cblas_sgemm")
    }
  #endif
}
