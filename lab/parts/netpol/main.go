// Command netpol is Kubernetes' own NetworkPolicy suite (test/e2e/network/netpol) and nothing
// else of its end-to-end tests: the whole e2e.test takes many minutes to build.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"
	"k8s.io/kubernetes/test/e2e/framework"
	"k8s.io/kubernetes/test/e2e/framework/config"
	imageutils "k8s.io/kubernetes/test/utils/image"

	_ "k8s.io/kubernetes/test/e2e/framework/node/init"
	_ "k8s.io/kubernetes/test/e2e/network/netpol"
)

// verdict stands in for the testing.T of a test binary.
type verdict struct{ failed bool }

func (v *verdict) Fail() { v.failed = true }

func main() {
	config.CopyFlags(config.Flags, flag.CommandLine)
	framework.RegisterCommonFlags(flag.CommandLine)
	framework.RegisterClusterFlags(flag.CommandLine)
	image := flag.Bool("print-image", false, "print the image that the cases' pods will name, and end")
	flag.Parse()
	if *image {
		fmt.Println(imageutils.GetE2EImage(imageutils.Agnhost))
		return
	}
	framework.AfterReadingAllFlags(&framework.TestContext)
	gomega.RegisterFailHandler(framework.Fail)
	suite, report := framework.CreateGinkgoConfig()
	var v verdict
	if !ginkgo.RunSpecs(&v, "Kubernetes NetworkPolicy", suite, report) || v.failed {
		os.Exit(1)
	}
}
