// What a Swift program with Foundation takes to start and to end: the measure of the tools' starts.
import Foundation

_ = ProcessInfo.processInfo.processIdentifier
